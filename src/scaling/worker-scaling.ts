import { Token } from 'aws-cdk-lib';
import { NUMBER, required, validateType } from '../properties/property-types';

/**
 * How many workers a pool has.
 *
 * @example
 * declare const airflow: ServerlessAirflow;
 *
 * airflow.addWorkerPool('Reports', { queues: ['reports'], scaling: WorkerScaling.fixed(3) });
 */
export class WorkerScaling {
  /**
   * Always the same number.
   *
   * @param workers the number
   */
  public static fixed(workers: number): WorkerScaling {
    validateType('workers', workers, required(NUMBER));
    validateWorkers('workers', workers);
    return new WorkerScaling(workers);
  }

  /** @internal */
  public readonly _workers: number;

  private constructor(workers: number) {
    this._workers = workers;
  }
}

function validateWorkers(property: string, value: number): void {
  if (!Token.isUnresolved(value) && (!Number.isInteger(value) || value < 0)) {
    throw new Error(`property ${property} must be a whole number from 0, got ${value}`);
  }
}
