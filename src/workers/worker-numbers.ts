import { Duration, Token } from 'aws-cdk-lib';
import type { Following } from '../cluster/cluster-services';
import { validateWhole } from '../properties/durations';
import { shown } from '../properties/property-types';
import type { WorkerCapacity } from '../scaling/worker-capacity';
import type { WorkerScaling } from '../scaling/worker-scaling';

/** What CloudFormation waits for, and what a start of a worker is worth. */
const MOST_DRAIN = Duration.hours(3);
const LEAST_AGE = Duration.hours(1);

/** Options of a pool that say how many workers there are, and for how long. */
interface WorkerNumbers {
  readonly scaling?: WorkerScaling;
  readonly desiredCount?: number;
  readonly maxDrain?: Duration;
  readonly maxAge?: Duration;
}

/** How many workers there are, or at most. */
export function workersOf({ scaling, desiredCount }: WorkerNumbers): number | undefined {
  if (scaling && desiredCount !== undefined) {
    throw new Error(`property desiredCount must be left out when property scaling is given, got ${shown(desiredCount)}: scaling says how many workers there are`);
  }
  return scaling ? scaling._workers : desiredCount;
}

/** How the number follows the queues, if it does. */
export function followingOf({ scaling, maxDrain, maxAge }: WorkerNumbers, slots: number): Following | undefined {
  validateDrain(maxDrain);
  validateAge(maxAge);
  if (!scaling?._onQueue) {
    const given = maxDrain ? 'maxDrain' : maxAge && 'maxAge';
    if (given) {
      throw new Error(`property ${given} must be left out without WorkerScaling.onQueue in property scaling, got ${shown(maxDrain ?? maxAge)}: nobody would see to it`);
    }
    return undefined;
  }
  const { minWorkers: min, maxWorkers: max, scaleInAfter, prewarmWorkers: prewarm } = scaling._onQueue;
  return {
    slots,
    min,
    max,
    hold: scaleInAfter.toSeconds(),
    prewarm,
    drained_within: (maxDrain ?? Duration.hours(2)).toSeconds(),
    age: (maxAge ?? Duration.days(1)).toSeconds(),
  };
}

function validateDrain(maxDrain: Duration | undefined): void {
  if (!maxDrain) { return; }
  validateWhole('maxDrain', maxDrain, 'seconds');
  if (!maxDrain.isUnresolved() && (maxDrain.toSeconds() < 1 || maxDrain.toSeconds() >= MOST_DRAIN.toSeconds())) {
    throw new Error(`property maxDrain must be 1 second or more and less than ${MOST_DRAIN.toHumanString()}, which CloudFormation waits for, got ${maxDrain.toSeconds()} seconds`);
  }
}

function validateAge(maxAge: Duration | undefined): void {
  if (!maxAge) { return; }
  validateWhole('maxAge', maxAge, 'seconds');
  if (!maxAge.isUnresolved() && maxAge.toSeconds() < LEAST_AGE.toSeconds()) {
    throw new Error(`property maxAge must be ${LEAST_AGE.toHumanString()} or more, got ${maxAge.toSeconds()} seconds`);
  }
}

/** Refuses more workers on on-demand capacity than there are. */
export function validateBase(capacity: WorkerCapacity | undefined, workers = 1): void {
  const base = capacity?._onDemandBase ?? 0;
  if (base > 0 && !Token.isUnresolved(base) && !Token.isUnresolved(workers) && base > workers) {
    throw new Error(`property capacity must have an onDemandBase of ${workers} or less, as many as there are workers, got ${base}`);
  }
}
