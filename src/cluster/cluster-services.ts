import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { addedRules } from '../fargate/security-group';

/** Airflow's own default of `[core] parallelism`. */
const DEFAULT_PARALLELISM = 32;

/** More than there are slots: tasks of a queue that waits for its workers take slots of the scheduler, and the others must not wait for them. */
const PARALLELISM_PER_SLOT = 1.25;

const EXECUTION_API = 'execution-api';

/** How many there may be at least and at most: of tasks of a service, of slots for tasks of DAGs. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Whether that is all that there can be: not if a number is a token, or if somebody else scales from 0. */
  readonly known: boolean;
}

/** How the number of workers of a pool follows its queues, as the scaler's program reads it. Times are seconds. */
export interface Following {
  /** Of each worker. */
  readonly slots: number;
  readonly min: number;
  readonly max: number;
  readonly hold: number;
  readonly prewarm: number;
  readonly drained_within: number;
  readonly age: number;
}

/** How the number of triggerers follows the triggers, as the scaler's program reads it. */
export interface Triggering {
  /** Triggers of each triggerer. */
  readonly each: number;
  readonly min: number;
  readonly max: number;
  /** Seconds. */
  readonly hold: number;
}

/** A service, as far as the others of its cluster have to know it. */
export interface ClusterService extends ec2.IConnectable {
  readonly component: {
    readonly name: string;
    readonly _definition: { readonly privateName?: string; readonly port?: number; readonly clients: string[] };
  };
  readonly service: ecs.FargateService;
  /** Its tasks on Fargate. */
  readonly _tasks: Bounds;
  /** How many tasks of DAGs it runs at once. */
  readonly _slots: Bounds;
  /** Connections to the database, of all its tasks together. */
  readonly _connections: number;
  readonly container: ecs.ContainerDefinition;
  /** The queues that it takes tasks from. */
  readonly _queues?: string[];
  /** Of a pool whose number of workers follows them. */
  readonly _following?: Following;
  /** Of triggerers whose number follows the triggers. */
  readonly _triggering?: Triggering;
  /** Of a scheduler: makes sure that somebody sets the number of these workers or triggerers. */
  _scale?(scaled: ClusterService): void;
}

/** The services of one Airflow deployment, as far as they have to know of each other. */
export class ClusterServices {
  /** How long workers that follow their queues may go on when there are no schedulers. */
  public drain = Duration.minutes(30);

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
      if (other._following || other._triggering) { service._scale?.(other); }
    }
    this.services.push(service);
  }

  /** Tells the schedulers of a service whose number of tasks the scaler sets; those that are added later know it by then. */
  public scale(scaled: ClusterService): void {
    this.services.forEach(service => service._scale?.(scaled));
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

  /** Those that run tasks of DAGs. */
  public get pools(): ClusterService[] {
    return this.services.filter(({ _queues }) => _queues);
  }

  /** The private name of what workers report to: a service of its own, where there is one. */
  public get executionApi(): string {
    return this.services.some(({ component: { name } }) => name === EXECUTION_API) ? EXECUTION_API : 'webserver';
  }

  /** How many connections to the database there are at most, by component. */
  public get connections(): Record<string, number> {
    const connections: Record<string, number> = {};
    for (const { component: { name }, _connections } of this.services) {
      connections[name] = (connections[name] ?? 0) + _connections;
    }
    return connections;
  }

  /**
   * `[core] parallelism` caps how many tasks of DAGs each scheduler has queued and running together, however many slots the workers have: Airflow's
   * default of 32 would cap every larger fleet.
   */
  public parallelism(): string {
    return Lazy.string({ produce: () => String(Math.max(DEFAULT_PARALLELISM, Math.ceil(this.slots * PARALLELISM_PER_SLOT / this.schedulers))) });
  }

  /** How many schedulers there are at least; one where that is not known. */
  public get schedulers(): number {
    return Math.max(1, this.services.filter(({ component: { name } }) => name === 'scheduler').reduce((sum, { _tasks: { min } }) => sum + min, 0));
  }

  /** How many tasks of DAGs the workers can run at once, as far as that is known. */
  public get slots(): number {
    return this.services.reduce((sum, { _slots: { max } }) => sum + max, 0);
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
