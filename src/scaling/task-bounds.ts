import { Token } from 'aws-cdk-lib';
import { validateOrder, validateWholeNumber } from '../properties/numbers';
import { NUMBER, required } from '../properties/property-types';

/** Between which numbers the tasks of a service are. */
interface TaskBounds {
  readonly minTasks?: number;
  readonly maxTasks: number;
}

export const TASK_BOUNDS_TYPES = { minTasks: NUMBER, maxTasks: required(NUMBER) };

/** Refuses numbers that no service can have. */
export function validateTaskBounds({ minTasks, maxTasks }: TaskBounds): void {
  validateWholeNumber('maxTasks', maxTasks, 1);
  if (minTasks !== undefined) {
    validateWholeNumber('minTasks', minTasks, 1);
    validateOrder({ minTasks }, { maxTasks });
  }
}

/** The least number: where none is given, as many as without scaling, and no more than the greatest. */
export function leastTasks({ minTasks, maxTasks }: TaskBounds, unscaled: number): number {
  return minTasks ?? (Token.isUnresolved(maxTasks) ? unscaled : Math.min(unscaled, maxTasks));
}
