import { Size, Token } from 'aws-cdk-lib';
import { CfnScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Construct } from 'constructs';
import { WORKER, workerComponent } from './worker-component';
import { workerSlots } from './worker-slots';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { claim } from '../cluster/claim';
import type { Slots } from '../cluster/cluster-services';
import { validateFargateSize } from '../fargate/fargate-size';
import { SIZE } from '../properties/cdk-types';
import { BOOLEAN, NUMBER, PropertyTypes, shown, STRING, STRINGS, validateTypes } from '../properties/property-types';
import { AirflowService } from '../service/airflow-service';
import { AirflowParts, AirflowServiceOptions } from '../service/airflow-service-props';
import { PARTS_TYPES, SERVICE_TYPES } from '../service/service-types';

/** Options of a pool of workers. */
export interface AirflowWorkerPoolOptions extends AirflowServiceOptions {
  /**
   * The queues that tasks are taken from.
   *
   * A queue that has no worker does not only hold its own tasks: they take slots of the scheduler, and the other queues wait, too.
   *
   * @default - the queue `default`
   */
  readonly queues?: string[];

  /**
   * How many tasks a worker runs at once. It needs 512 MiB and 256 MiB for each of them, before the imports of your own code.
   *
   * @default - one for each 512 MiB of memory beyond the first 512 MiB
   */
  readonly concurrency?: number;

  /**
   * Whether tasks run on Fargate Spot. AWS takes the capacity back with a warning of two minutes; Airflow tries a task again that was
   * running then.
   *
   * @default false
   */
  readonly useSpot?: boolean;

  /**
   * A disk for the files of tasks, 21 to 200 GiB: `/tmp` is on it, and not in memory. The image takes a part of it; what is beyond 20 GiB costs
   * money.
   *
   * @default - none: `/tmp` is a quarter of the memory
   */
  readonly ephemeralStorage?: Size;
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
  useSpot: BOOLEAN,
  ephemeralStorage: SIZE,
};

/**
 * Celery workers that are alike: of one size, with the same queues and permissions. They run the code of DAGs, and have access neither to the metadata
 * database nor to the Fernet key or the JWT secret.
 *
 * @example
 * declare const airflow: ServerlessAirflow;
 *
 * airflow.addWorkerPool('Reports', { queues: ['reports'], desiredCount: 2 });
 */
export class AirflowWorkerPool extends AirflowService {
  private readonly count: number;
  private readonly concurrency: number;

  constructor(scope: Construct, id: string, props: AirflowWorkerPoolProps) {
    validateTypes(props, { ...PARTS_TYPES, ...WORKER_POOL_TYPES, poolName: STRING });
    const { poolName, queues, concurrency: given, useSpot, ephemeralStorage, ...service } = props;
    const { cpu = WORKER.cpu, memoryLimitMiB = WORKER.memoryLimitMiB } = service;
    validatePoolName(poolName);
    validateQueues(queues);
    validateFargateSize(cpu, memoryLimitMiB); // before slots are derived from it
    const concurrency = workerSlots(memoryLimitMiB, given);
    const containerName = poolName && `${WORKER.name}-${poolName}`;
    const component = workerComponent({ containerName, queues, concurrency, useSpot, ephemeralStorage });
    super(scope, id, { ...service, cpu, memoryLimitMiB, component });

    this.claimName(props.cluster);
    this.count = props.desiredCount ?? 1;
    this.concurrency = concurrency;
  }

  /** @internal */
  public get _slots(): Slots {
    const workers = this.greatestCount();
    const known = workers > 0 && [workers, this.concurrency].every(number => !Token.isUnresolved(number));
    return { max: knownNumber(workers) * knownNumber(this.concurrency), known };
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

  /** How many workers `service.autoScaleTaskCount` lets there be, or there are. */
  private greatestCount(): number {
    const target = this.service.node.findAll().find((resource): resource is CfnScalableTarget => resource instanceof CfnScalableTarget);
    return target?.maxCapacity ?? this.count;
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

/** A number that is known at synthesis; one that is not counts as nothing. */
function knownNumber(value: number): number {
  return Token.isUnresolved(value) ? 0 : value;
}
