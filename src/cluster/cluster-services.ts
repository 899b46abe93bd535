import { Lazy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { addedRules } from '../fargate/security-group';

/** Airflow's own default of `[core] parallelism`. */
const DEFAULT_PARALLELISM = 32;

/** How many tasks of DAGs run at once, with as many workers as there may be. */
export interface Slots {
  readonly max: number;
  /** Whether that is all that there can be: not if a number is a token, or if somebody else scales from 0. */
  readonly known: boolean;
}

/** A service, as far as the others of its cluster have to know it. */
export interface ClusterService extends ec2.IConnectable {
  readonly component: {
    readonly name: string;
    readonly _definition: { readonly privateName?: string; readonly port?: number; readonly clients: string[] };
  };
  readonly service: ecs.FargateService;
  readonly _slots: Slots;
}

/** The services of one Airflow deployment, as far as they have to know of each other. */
export class ClusterServices {
  private readonly services: ClusterService[] = [];

  /** Adds a service, and lets it and the earlier ones reach each other where their components do. */
  public add(service: ClusterService): void {
    const { name, _definition: { privateName } } = service.component;
    if (privateName && this.services.some(other => other.component.name === name)) {
      throw new Error(`property cluster has a ${name} already, and there is one ${privateName} for each AirflowCluster: raise desiredCount, or define another AirflowCluster`);
    }
    for (const other of this.services) {
      connect(service, other, (port, description) => service.connections.allowTo(other, port, description));
      connect(other, service, (port, description) => service.connections.allowFrom(other, port, description));
    }
    this.services.push(service);
  }

  /** Whether one of them runs on ARM64. */
  public get onArm64(): boolean {
    return this.services.some(({ service }) => {
      const { runtimePlatform } = service.taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
      return Stack.of(service).resolve(runtimePlatform)?.cpuArchitecture === 'ARM64';
    });
  }

  /** Those whose slots are not known at synthesis. */
  public get unknownSlots(): ClusterService[] {
    return this.services.filter(({ _slots: { known } }) => !known);
  }

  /**
   * `[core] parallelism` caps how many tasks are queued and running together, however many slots the workers have:
   * Airflow's default of 32 would cap every larger fleet.
   */
  public parallelism(): string {
    return Lazy.string({ produce: () => String(Math.max(DEFAULT_PARALLELISM, this.services.reduce((sum, { _slots: { max } }) => sum + max, 0))) });
  }
}

/**
 * @param allow adds the rules from the side of the newer service: they belong to its stack, which may depend on the other's, and not the other
 * way round
 */
function connect(client: ClusterService, server: ClusterService, allow: (port: ec2.Port, description: string) => void): void {
  const { clients, port } = server.component._definition;
  if (!port || !clients.includes(client.component.name)) { return; }
  const rules = addedRules(client, server, () => allow(ec2.Port.tcp(port), `${client.component.name} to ${server.component.name}`));
  // a client in an older stack cannot wait for them
  if (rules.every(rule => Stack.of(rule) === Stack.of(client.service))) {
    client.service.node.addDependency(...rules);
  }
}
