import { TASK_BOUNDS_TYPES, validateTaskBounds } from './task-bounds';
import { validateTypes } from '../properties/property-types';

/** Between which numbers triggerers follow the triggers. */
export interface TriggererScalingOnTriggersOptions {
  /**
   * The least number of tasks, 1 or more.
   *
   * @default - as many as there are without scaling, which a preset can say, and no more than `maxTasks`
   */
  readonly minTasks?: number;

  /** The greatest number of tasks. */
  readonly maxTasks: number;
}

/**
 * How many tasks the triggerer has.
 *
 * @example
 * new ServerlessAirflow(this, 'Airflow', {
 *   triggerer: { scaling: TriggererScaling.onTriggers({ minTasks: 2, maxTasks: 4 }) },
 * });
 */
export class TriggererScaling {
  /**
   * One for each 800 triggers, four fifths of what a triggerer runs at once (or of AIRFLOW__TRIGGERER__CAPACITY in its `environment`). The scaler beside the scheduler adds
   * some within seconds, and removes them after five minutes; the triggers of one that is removed go on in another.
   *
   * @param options bounds
   */
  public static onTriggers(options: TriggererScalingOnTriggersOptions): TriggererScaling {
    validateTypes(options, TASK_BOUNDS_TYPES);
    validateTaskBounds(options);
    return new TriggererScaling(options);
  }

  /** @internal */
  public readonly _onTriggers: TriggererScalingOnTriggersOptions;

  private constructor(onTriggers: TriggererScalingOnTriggersOptions) {
    this._onTriggers = onTriggers;
  }
}
