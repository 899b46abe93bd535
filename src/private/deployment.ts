import { Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { AirflowService } from '../airflow-service';

/** Airflow's own default of `[core] parallelism`. */
const DEFAULT_PARALLELISM = 32;

/** The services of one Airflow deployment, as far as they have to know of each other. */
export class Deployment {
  private readonly services: AirflowService[] = [];

  /** Adds a service, and lets it and the earlier ones reach each other where their components do. */
  public add(service: AirflowService): void {
    const { name, privateName } = service.component._definition;
    if (privateName && this.services.some(other => other.component.name === name)) {
      throw new Error(`property cluster has a ${name} already, and there is one ${privateName} for each AirflowCluster: raise desiredCount, or define another AirflowCluster`);
    }
    for (const other of this.services) {
      connect(service, other);
      connect(other, service);
    }
    this.services.push(service);
  }

  /**
   * `[core] parallelism` caps how many tasks are queued and running together, however many slots the workers have:
   * Airflow's default of 32 would cap every larger fleet.
   */
  public parallelism(): string {
    return Lazy.string({ produce: () => String(Math.max(DEFAULT_PARALLELISM, this.services.reduce((sum, service) => sum + service._slots, 0))) });
  }
}

function connect(client: AirflowService, server: AirflowService): void {
  const { clients, port } = server.component._definition;
  if (port && clients.includes(client.component.name)) {
    server.connections.allowFrom(client, ec2.Port.tcp(port), `${client.component.name} to ${server.component.name}`);
  }
}
