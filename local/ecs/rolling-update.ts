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
 * @param isProtected whether a task must not be stopped now: it waits, whatever should come in its place
 */
export function nextSteps<T extends Replica>(
  desired: number, { minimumHealthyPercent, maximumPercent }: DeploymentConfiguration, primary: readonly T[], old: readonly T[],
  isProtected: (task: T) => boolean = () => false,
): Steps<T> {
  const most = Math.floor(desired * maximumPercent / 100);
  const least = Math.ceil(desired * minimumHealthyPercent / 100);
  const exposed = (tasks: readonly T[]) => tasks.filter(task => !isProtected(task));
  const surplus = Math.max(0, primary.length - desired);
  const leavers = surplus > 0 ? exposed(primary).slice(-surplus) : []; // the youngest, as on one zone
  const spare = [...primary.filter(task => !leavers.includes(task)), ...old].filter(({ ready }) => ready).length - least;
  return {
    stop: [
      ...leavers,
      ...exposed(old).filter(({ ready }) => !ready),
      ...exposed(old).filter(({ ready }) => ready).slice(0, Math.max(spare, 0)),
    ],
    start: Math.max(0, Math.min(desired - primary.length, most - primary.length - old.length)),
  };
}
