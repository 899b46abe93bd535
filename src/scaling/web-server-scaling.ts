import { TASK_BOUNDS_TYPES, validateTaskBounds } from './task-bounds';
import { validateTypes } from '../properties/property-types';

/** Between which numbers web servers follow their CPU. */
export interface WebServerScalingOnCpuOptions {
  /**
   * The least number of tasks, 1 or more. Workers that start at once ask them before CPU has grown for three minutes, which is when more are added.
   *
   * @default - as many as there are without scaling, which a preset can say, and no more than `maxTasks`
   */
  readonly minTasks?: number;

  /** The greatest number of tasks. Each can open 30 connections to the database, which `cdk synth` counts. */
  readonly maxTasks: number;
}

/**
 * How many tasks the web server has, or the Execution API.
 *
 * @example
 * new ServerlessAirflow(this, 'Airflow', {
 *   webServer: { scaling: WebServerScaling.onCpu({ minTasks: 2, maxTasks: 4 }) },
 * });
 */
export class WebServerScaling {
  /**
   * As many as keep their CPU at a half: AWS's target tracking adds tasks after three minutes above that, and removes one after fifteen below.
   *
   * @param options bounds
   */
  public static onCpu(options: WebServerScalingOnCpuOptions): WebServerScaling {
    validateTypes(options, TASK_BOUNDS_TYPES);
    validateTaskBounds(options);
    return new WebServerScaling(options);
  }

  /** @internal */
  public readonly _onCpu: WebServerScalingOnCpuOptions;

  private constructor(onCpu: WebServerScalingOnCpuOptions) {
    this._onCpu = onCpu;
  }
}
