import { Size, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { WORKER, workerComponent } from './worker-component';
import { workerSlots } from './worker-slots';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { claim } from '../cluster/claim';
import type { Bounds } from '../cluster/cluster-services';
import { validateFargateSize } from '../fargate/fargate-size';
import { IMAGE, SIZE } from '../properties/cdk-types';
import { BOOLEAN, NUMBER, object, PropertyTypes, shown, STRING, STRINGS, validateTypes } from '../properties/property-types';
import { WorkerCapacity } from '../scaling/worker-capacity';
import { WorkerScaling } from '../scaling/worker-scaling';
import { AirflowService } from '../service/airflow-service';
import { AirflowParts, AirflowServiceOptions } from '../service/airflow-service-props';
import { PARTS_TYPES, SERVICE_TYPES } from '../service/service-types';

/** Options of a pool of workers. */
export interface AirflowWorkerPoolOptions extends AirflowServiceOptions {
  /**
   * The queues that tasks are taken from. No other pool of the deployment may have one of them.
   *
   * A queue that has no worker does not only hold its own tasks: they take slots of the scheduler, and the other queues wait, too.
   *
   * @default - the queue `default`, or the one that AIRFLOW__OPERATORS__DEFAULT_QUEUE in `environment` says
   */
  readonly queues?: string[];

  /**
   * How many tasks a worker runs at once. It needs 512 MiB and 256 MiB for each of them, before the imports of your own code.
   *
   * @default - one for each 512 MiB of memory beyond the first 512 MiB
   */
  readonly concurrency?: number;

  /**
   * How many workers there are.
   *
   * @default - `desiredCount` of them
   */
  readonly scaling?: WorkerScaling;

  /**
   * The kind of capacity that workers run on.
   *
   * @default WorkerCapacity.onDemand()
   */
  readonly capacity?: WorkerCapacity;

  /**
   * A disk for the files of tasks, 21 to 200 GiB: `/tmp` is on it, and not in memory. The image takes a part of it; what is beyond 20 GiB costs
   * money.
   *
   * @default - none: `/tmp` is a quarter of the memory
   */
  readonly ephemeralStorage?: Size;

  /**
   * The image of these workers, with the release of Airflow and for the architecture that the other components have.
   *
   * @default - the image of the other components
   */
  readonly image?: ecs.ContainerImage;
}

/** Options of the first pool of workers. */
export interface AirflowFirstWorkerPoolOptions extends AirflowWorkerPoolOptions {
  /**
   * Whether there is one. Without it `addWorkerPool` has to add another one.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/** Properties of an AirflowWorkerPool. */
export interface AirflowWorkerPoolProps extends AirflowParts, AirflowWorkerPoolOptions {
  /**
   * What tells further pools from the first: the container of `reports` is called `worker-reports`. Lowercase letters, digits and `-`.
   *
   * @default - none: the container is called `worker`
   */
  readonly poolName?: string;
}

export const WORKER_POOL_TYPES: PropertyTypes<AirflowWorkerPoolOptions> = {
  ...SERVICE_TYPES,
  queues: STRINGS,
  concurrency: NUMBER,
  scaling: object<WorkerScaling>('a WorkerScaling, for example WorkerScaling.fixed(3)', '_workers'),
  capacity: object<WorkerCapacity>('a WorkerCapacity, for example WorkerCapacity.spot()', '_onDemandBase'),
  ephemeralStorage: SIZE,
  image: IMAGE,
};

export const FIRST_WORKER_POOL_TYPES: PropertyTypes<AirflowFirstWorkerPoolOptions> = { ...WORKER_POOL_TYPES, enabled: BOOLEAN };

const DEFAULT_QUEUE = 'AIRFLOW__OPERATORS__DEFAULT_QUEUE';

/**
 * Celery workers that are alike: of one size, with the same queues and permissions. They run the code of DAGs, and have access neither to the metadata
 * database nor to the Fernet key or the JWT secret.
 *
 * @example
 * declare const airflow: ServerlessAirflow;
 *
 * airflow.addWorkerPool('Reports', { queues: ['reports'], scaling: WorkerScaling.fixed(2) });
 */
export class AirflowWorkerPool extends AirflowService {
  /**
   * The queues that it takes tasks from.
   *
   * @internal
   */
  public readonly _queues: string[];

  private readonly concurrency: number;

  constructor(scope: Construct, id: string, props: AirflowWorkerPoolProps) {
    validateTypes(props, { ...PARTS_TYPES, ...WORKER_POOL_TYPES, poolName: STRING });
    const { poolName, queues, concurrency: given, capacity, ephemeralStorage, ...service } = props;
    const { cpu = WORKER.cpu, memoryLimitMiB = WORKER.memoryLimitMiB } = service;
    validatePoolName(poolName);
    validateQueues(queues);
    validateFargateSize(cpu, memoryLimitMiB); // before slots are derived from it
    const concurrency = workerSlots(memoryLimitMiB, given);
    const containerName = poolName && `${WORKER.name}-${poolName}`;
    const desiredCount = workersOf(props);
    validateBase(capacity, desiredCount);
    const component = workerComponent({ containerName, queues, concurrency, capacity, ephemeralStorage });
    super(scope, id, { ...service, cpu, memoryLimitMiB, desiredCount, component });

    this.concurrency = concurrency;
    this._queues = queues ?? [defaultQueue(props.environment)];
    this.claimName(props.cluster);
    this.claimQueues(props.cluster);
  }

  /** @internal */
  public get _slots(): Bounds {
    const { min, max, known } = this._tasks;
    return Token.isUnresolved(this.concurrency)
      ? { min: 0, max: 0, known: false }
      : { min: min * this.concurrency, max: max * this.concurrency, known };
  }

  /** Log streams and container names are told apart by it alone. */
  private claimName(cluster: AirflowCluster): void {
    const { containerName } = this.container;
    const other = claim(this, `container ${containerName} of ${cluster.node.path}`);
    if (other) {
      throw new Error(`property poolName must differ for each pool of an AirflowCluster, and so must ids in more than uppercase and punctuation, got the name of ${other.node.path}: `
        + `both containers would be ${containerName}`);
    }
  }

  /** Nobody could tell which of two pools has to grow for a queue. */
  private claimQueues(cluster: AirflowCluster): void {
    if (Token.isUnresolved(this._queues)) { return; }
    for (const queue of this._queues) {
      const other = Token.isUnresolved(queue) ? undefined : claim(this, `queue ${queue} of ${cluster.node.path}`);
      if (other) {
        throw new Error(`property queues must have queues that no other pool of the deployment has, got ${JSON.stringify(queue)}, which ${other.node.path} has`);
      }
    }
  }
}

/** The queue of tasks that name none. */
export function defaultQueue(environment: Record<string, string> = {}): string {
  return environment[DEFAULT_QUEUE] ?? 'default';
}

function workersOf({ scaling, desiredCount }: AirflowWorkerPoolOptions): number | undefined {
  if (scaling && desiredCount !== undefined) {
    throw new Error(`property desiredCount must be left out when property scaling is given, got ${shown(desiredCount)}: scaling says how many workers there are`);
  }
  return scaling ? scaling._workers : desiredCount;
}

function validateBase(capacity: WorkerCapacity | undefined, workers = 1): void {
  const base = capacity?._onDemandBase ?? 0;
  if (base > 0 && !Token.isUnresolved(base) && !Token.isUnresolved(workers) && base > workers) {
    throw new Error(`property capacity must have an onDemandBase of ${workers} or less, as many as there are workers, got ${base}`);
  }
}

function validatePoolName(poolName: string | undefined): void {
  if (poolName !== undefined && !/^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$/.test(poolName)) {
    throw new Error(`property poolName must be 1 to 100 lowercase letters, digits and "-", got ${shown(poolName)}`);
  }
}

function validateQueues(queues: string[] | undefined): void {
  if (!queues || Token.isUnresolved(queues)) {
    return;
  }
  if (queues.length === 0) {
    throw new Error('property queues must have one queue at least, got []: leave it out for the queue "default"');
  }
  const malformed = queues.find(queue => !Token.isUnresolved(queue) && !/^[\w.][\w.-]{0,255}$/.test(queue));
  if (malformed !== undefined) {
    throw new Error(`property queues must have names of up to 256 letters, digits, "_", "-" and ".", with no "-" at first, got ${JSON.stringify(malformed)}`);
  }
  const twice = queues.find((queue, index) => queues.indexOf(queue) !== index);
  if (twice !== undefined) {
    throw new Error(`property queues must have each queue once, got ${JSON.stringify(twice)} twice`);
  }
}
