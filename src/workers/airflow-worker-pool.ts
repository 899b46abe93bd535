import { Duration, Size, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { WORKER, workerComponent } from './worker-component';
import { followingOf, validateBase, workersOf } from './worker-numbers';
import { workerSlots } from './worker-slots';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { claim } from '../cluster/claim';
import type { Bounds, Following } from '../cluster/cluster-services';
import { validateFargateSize } from '../fargate/fargate-size';
import { DURATION, IMAGE, SIZE } from '../properties/cdk-types';
import { BOOLEAN, NUMBER, object, PropertyTypes, shown, STRING, STRINGS, validateTypes } from '../properties/property-types';
import { scalerMetric } from '../scaler/scaler-metric';
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
   * How long a deployment waits for a worker that still runs tasks, up to 3 hours, which CloudFormation waits for. After that the worker has `stopTimeout`. Of pools with
   * `WorkerScaling.onQueue`.
   *
   * @default Duration.hours(2)
   */
  readonly maxDrain?: Duration;

  /**
   * How old a worker may get before another one takes its place, from an hour on: what tasks leak goes with it. It ends when its tasks have. Of pools with
   * `WorkerScaling.onQueue`.
   *
   * @default Duration.days(1)
   */
  readonly maxAge?: Duration;

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
  maxDrain: DURATION,
  maxAge: DURATION,
  ephemeralStorage: SIZE,
  image: IMAGE,
};

export const FIRST_WORKER_POOL_TYPES: PropertyTypes<AirflowFirstWorkerPoolOptions> = { ...WORKER_POOL_TYPES, enabled: BOOLEAN };

const TWO_CONTROLLERS = 'property scaling must not be WorkerScaling.onQueue where service.autoScaleTaskCount is called: each would undo what the other has set';

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

  /**
   * How the number of workers follows the queues, if it does.
   *
   * @internal
   */
  public readonly _following?: Following;

  private readonly concurrency: number;

  private readonly cluster: AirflowCluster;

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
    const following = followingOf(props, concurrency);
    const component = workerComponent({ containerName, queues, concurrency, capacity, ephemeralStorage, scaled: following !== undefined });
    super(scope, id, { ...service, cpu, memoryLimitMiB, desiredCount, component });

    this.concurrency = concurrency;
    this.cluster = props.cluster;
    this._queues = queues ?? [defaultQueue(props.environment)];
    this._following = following;
    if (following) {
      props.cluster._services.scale(this);
      this.node.addValidation({ validate: () => this.service.node.tryFindChild('TaskCount') ? [TWO_CONTROLLERS] : [] });
    }
    this.claimName(props.cluster);
    this.claimQueues(props.cluster);
  }

  /** @internal */
  public get _tasks(): Bounds {
    if (!this._following) { return super._tasks; }
    const { min, max } = this._following;
    return { min: Token.isUnresolved(min) ? 0 : min, max: Token.isUnresolved(max) ? 0 : max, known: !Token.isUnresolved(max) };
  }

  /** @internal */
  public get _slots(): Bounds {
    const { min, max, known } = this._tasks;
    return Token.isUnresolved(this.concurrency)
      ? { min: 0, max: 0, known: false }
      : { min: min * this.concurrency, max: max * this.concurrency, known };
  }

  /**
   * How many workers the scaler wants, the maximum over a minute. Like all metrics of queues, of pools with `WorkerScaling.onQueue`.
   *
   * @param props other statistic, period and so on
   */
  public metricWorkersDesired(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfScaler('WorkersDesired', props);
  }

  /**
   * How many workers run, the maximum over a minute.
   *
   * @param props other statistic, period and so on
   */
  public metricWorkersRunning(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfScaler('WorkersRunning', props);
  }

  /**
   * How many tasks of DAGs wait for a worker, the maximum over a minute.
   *
   * @param props other statistic, period and so on
   */
  public metricQueuedTasks(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfScaler('TasksQueued', props);
  }

  /**
   * How many tasks of DAGs run, the maximum over a minute.
   *
   * @param props other statistic, period and so on
   */
  public metricRunningTasks(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfScaler('TasksRunning', props);
  }

  /**
   * For how many seconds the oldest task has waited for a worker, the maximum over a minute.
   *
   * @param props other statistic, period and so on
   */
  public metricOldestQueuedAge(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfScaler('OldestQueuedSeconds', props);
  }

  private metricOfScaler(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this._following) {
      throw new Error(`property scaling must be WorkerScaling.onQueue for metrics of queues, got a fixed number of workers in ${this.node.path}`);
    }
    return scalerMetric(this, this.cluster, metricName, { Pool: this.container.containerName }, props);
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
