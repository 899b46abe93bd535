import { Token } from 'aws-cdk-lib';
import { validateWholeNumber } from '../properties/numbers';

/** What a worker needs before it runs a task. */
const BASE_MIB = 512;
/** Room for a task with a few imports of its own. */
const DEFAULT_MIB_PER_SLOT = 512;
/** What a task needs at least: two processes of Airflow. */
const LEAST_MIB_PER_SLOT = 256;

/**
 * How many tasks a worker runs at once. Celery's default of 16 whatever the memory ends in tasks that are killed.
 *
 * @param memoryLimitMiB memory of the worker's task
 * @param concurrency what the user wants, if anything
 */
export function workerSlots(memoryLimitMiB: number, concurrency: number | undefined): number {
  if (concurrency !== undefined) {
    validateConcurrency(memoryLimitMiB, concurrency);
    return concurrency;
  }
  const slots = Math.floor((memoryLimitMiB - BASE_MIB) / DEFAULT_MIB_PER_SLOT);
  if (slots < 1) {
    throw new Error(`property memoryLimitMiB of a worker must be 1024 or more, got ${memoryLimitMiB}`);
  }
  return slots;
}

function validateConcurrency(memoryLimitMiB: number, concurrency: number): void {
  if (Token.isUnresolved(concurrency)) {
    return;
  }
  validateWholeNumber('concurrency', concurrency, 1);
  const needed = BASE_MIB + concurrency * LEAST_MIB_PER_SLOT;
  if (memoryLimitMiB < needed) {
    throw new Error(`property memoryLimitMiB must be ${needed} or more with concurrency ${concurrency}, got ${memoryLimitMiB}: raise it, or lower concurrency`);
  }
}
