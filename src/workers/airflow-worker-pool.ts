import { Token } from 'aws-cdk-lib';
import { CfnScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Construct } from 'constructs';
import { WORKER, workerComponent } from './worker-component';
import { workerSlots } from './worker-slots';
import type { Slots } from '../cluster/cluster-services';
import { validateFargateSize } from '../fargate/fargate-size';
import { AirflowService } from '../service/airflow-service';
import { AirflowParts, AirflowServiceOptions } from '../service/airflow-service-props';

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
    const { cpu = WORKER.cpu, memoryLimitMiB = WORKER.memoryLimitMiB, poolName, queues, useSpot, concurrency: given, ...service } = props;
    validatePoolName(poolName);
    validateQueues(queues);
    validateFargateSize(cpu, memoryLimitMiB); // before slots are derived from it
    const concurrency = workerSlots(memoryLimitMiB, given);
    const containerName = poolName && `${WORKER.name}-${poolName}`;
    super(scope, id, { ...service, cpu, memoryLimitMiB, component: workerComponent({ containerName, queues, concurrency, useSpot }) });

    this.count = knownNumber(props.desiredCount ?? 1);
    this.concurrency = knownNumber(concurrency);
  }

  /** @internal */
  public get _slots(): Slots {
    const { min, max } = this.scaling() ?? { min: this.count, max: this.count };
    return { min: min * this.concurrency, max: max * this.concurrency };
  }

  /** How many workers `service.autoScaleTaskCount` lets there be. */
  private scaling(): Slots | undefined {
    const target = this.service.node.findAll().find((resource): resource is CfnScalableTarget => resource instanceof CfnScalableTarget);
    return target && { min: knownNumber(target.minCapacity), max: knownNumber(target.maxCapacity) };
  }
}

function validatePoolName(poolName: string | undefined): void {
  if (poolName !== undefined && !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(poolName)) {
    throw new Error(`property poolName must be lowercase letters, digits and "-", got ${JSON.stringify(poolName)}`);
  }
}

function validateQueues(queues: string[] | undefined): void {
  if (!queues || Token.isUnresolved(queues)) {
    return;
  }
  if (queues.length === 0) {
    throw new Error('property queues must have one queue at least, got []: leave it out for the queue "default"');
  }
  const malformed = queues.find(queue => !Token.isUnresolved(queue) && !/^[\w.-]{1,256}$/.test(queue));
  if (malformed !== undefined) {
    throw new Error(`property queues must have names of up to 256 letters, digits, "_", "-" and ".", got ${JSON.stringify(malformed)}`);
  }
}

/** A number that is known at synthesis; one that is not counts as nothing. */
function knownNumber(value: number): number {
  return Token.isUnresolved(value) ? 0 : value;
}
