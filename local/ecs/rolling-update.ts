import type { DeploymentConfiguration } from './definitions';

/** As much of a task as the scheduler looks at. */
export interface Replica {
  /** Running and, where there is a health check, healthy. */
  readonly ready: boolean;
}

export interface Steps<T> {
  readonly stop: T[];
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
}

/**
 * What ECS's rolling update does next. Both percentages are of the desired count, the minimum rounded up and the maximum rounded down.
 *
 * @param primary active tasks of the deployment that is to be, the oldest first
 * @param old those of all others
 */
export function nextSteps<T extends Replica>(
  desired: number, { minimumHealthyPercent, maximumPercent }: DeploymentConfiguration, primary: readonly T[], old: readonly T[],
): Steps<T> {
  const most = Math.floor(desired * maximumPercent / 100);
  const least = Math.ceil(desired * minimumHealthyPercent / 100);
  const kept = primary.slice(0, desired);
  const spare = [...kept, ...old].filter(({ ready }) => ready).length - least;
  return {
    stop: [
      ...primary.slice(desired), // the youngest, as on one zone
      ...old.filter(({ ready }) => !ready),
      ...old.filter(({ ready }) => ready).slice(0, Math.max(spare, 0)),
    ],
    start: Math.max(0, Math.min(desired - primary.length, most - primary.length - old.length)),
  };
}
