import { Duration } from 'aws-cdk-lib';
import { DURATION } from '../properties/cdk-types';
import { validateWhole } from '../properties/durations';
import { validateOrder, validateWholeNumber } from '../properties/numbers';
import { NUMBER, PropertyTypes, required, validateType, validateTypes } from '../properties/property-types';

/** How the number of workers follows what waits in their queues. */
export interface WorkerScalingOnQueueOptions {
  /**
   * The least number of workers. With 0, a task that nobody foresaw waits until Fargate has started a worker, for a minute or two.
   *
   * @default 1
   */
  readonly minWorkers?: number;

  /** The greatest number of workers. */
  readonly maxWorkers: number;

  /**
   * How long workers have to be too many before one is removed, 1 minute to 1 hour. A worker that is removed too early is a start that is paid again.
   *
   * @default Duration.minutes(2)
   */
  readonly scaleInAfter?: Duration;

  /**
   * How many workers at most are started before runs that a schedule creates within the next 90 seconds, as many as the tasks of the last run need.
   *
   * @default 1
   */
  readonly prewarmWorkers?: number;
}

const ON_QUEUE_TYPES: PropertyTypes<WorkerScalingOnQueueOptions> = {
  minWorkers: NUMBER,
  maxWorkers: required(NUMBER),
  scaleInAfter: DURATION,
  prewarmWorkers: NUMBER,
};

/** Seconds. */
const SCALE_IN_AFTER = { least: 60, most: 3600 };

/** The options of `onQueue` with their defaults. */
export interface QueueScaling {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly scaleInAfter: Duration;
  readonly prewarmWorkers: number;
}

/**
 * How many workers a pool has.
 *
 * @example
 * declare const airflow: ServerlessAirflow;
 *
 * airflow.addWorkerPool('Etl', { queues: ['etl'], scaling: WorkerScaling.onQueue({ minWorkers: 0, maxWorkers: 20 }) });
 */
export class WorkerScaling {
  /**
   * Always the same number.
   *
   * @param workers the number
   */
  public static fixed(workers: number): WorkerScaling {
    validateType('workers', workers, required(NUMBER));
    validateWholeNumber('workers', workers, 0);
    return new WorkerScaling(workers);
  }

  /**
   * As many as the tasks need that wait in the queues or run. A worker is added within seconds, and removed when it has been too many for a while, has no task and
   * takes none: no task is ended. `docs/scaling.md` says how.
   *
   * @param options bounds and times
   */
  public static onQueue(options: WorkerScalingOnQueueOptions): WorkerScaling {
    validateTypes(options, ON_QUEUE_TYPES);
    const { minWorkers = 1, maxWorkers, scaleInAfter = Duration.minutes(2), prewarmWorkers = 1 } = options;
    validateWholeNumber('minWorkers', minWorkers, 0);
    validateWholeNumber('maxWorkers', maxWorkers, 1);
    validateWholeNumber('prewarmWorkers', prewarmWorkers, 0);
    validateOrder({ minWorkers }, { maxWorkers });
    validateScaleInAfter(scaleInAfter);
    return new WorkerScaling(maxWorkers, { minWorkers, maxWorkers, scaleInAfter, prewarmWorkers });
  }

  /**
   * The number, or the greatest one.
   *
   * @internal
   */
  public readonly _workers: number;

  /** @internal */
  public readonly _onQueue?: QueueScaling;

  private constructor(workers: number, onQueue?: QueueScaling) {
    this._workers = workers;
    this._onQueue = onQueue;
  }
}

function validateScaleInAfter(scaleInAfter: Duration): void {
  validateWhole('scaleInAfter', scaleInAfter, 'seconds');
  const { least, most } = SCALE_IN_AFTER;
  if (!scaleInAfter.isUnresolved() && (scaleInAfter.toSeconds() < least || scaleInAfter.toSeconds() > most)) {
    throw new Error(`property scaleInAfter must be ${least} to ${most} seconds, got ${scaleInAfter.toSeconds()} seconds`);
  }
}
