import type { Container, Task } from '@aws-sdk/client-ecs';

/** In the order in which they run: the first one that has not succeeded is why the others did not. */
export const CONTAINERS = ['databases', 'migrate', 'admin'];

/** Given to ECS when the rest of a task has nothing to wait for any more. */
export const STOPPED_EARLY = 'a container of the migration has failed';

/** What no later try can pull. */
const NO_SUCH_IMAGE = /CannotPull.*(not found|manifest unknown|does not exist|no matching manifest|does not contain descriptor matching platform)/s;

/** Why a task that has ended did not succeed; undefined if it did. */
export interface Failure {
  readonly container: string;
  readonly reason: string;
  /** Whether the same task may well run at the next try: nothing of it ran, for want of capacity, permissions or an image that was not served. */
  readonly passing: boolean;
}

/** Why a task that has ended did not succeed; undefined if it did. */
export function failureOf(task: Task): Failure | undefined {
  const failed = inOrder(task).find(({ exitCode }) => exitCode !== 0);
  if (!failed && task.containers?.length) { return undefined; }
  const reason = [
    failed ? describeEnd(failed) : 'the migration task had no container',
    ...task.stoppedReason && task.stoppedReason !== STOPPED_EARLY ? [`task stopped: ${task.stoppedReason}`] : [],
  ].join('; ');
  const ran = inOrder(task).some(({ exitCode, reason: why }) => exitCode !== undefined && !/^CannotStart/.test(why ?? ''));
  return {
    container: failed?.name ?? 'migrate',
    reason,
    passing: task.stopCode === 'TaskFailedToStart' && !ran && !NO_SUCH_IMAGE.test(reason),
  };
}

/** Whether a container has failed while others wait for it: not every agent ends them by itself. */
export function isLost(task: Task): boolean {
  return task.desiredStatus !== 'STOPPED' && inOrder(task).some(({ lastStatus, exitCode }) => lastStatus === 'STOPPED' && exitCode !== 0);
}

/** The container that is worth looking at: the one that runs, or the first that will. */
export function currentContainer(task: Task | undefined): string {
  return (task && inOrder(task).find(({ lastStatus }) => lastStatus !== 'STOPPED')?.name) ?? 'migrate';
}

/** `databases STOPPED (0), migrate RUNNING, admin PENDING` */
export function describeProgress(task: Task): string {
  const containers = inOrder(task).map(({ name, lastStatus, exitCode }) => `${name} ${lastStatus}${exitCode === undefined ? '' : ` (${exitCode})`}`);
  return [task.lastStatus, ...containers].join(', ');
}

/** ECS tells them in any order. */
function inOrder({ containers = [] }: Task): Container[] {
  return [...containers].sort((a, b) => CONTAINERS.indexOf(a.name!) - CONTAINERS.indexOf(b.name!));
}

function describeEnd({ name, exitCode, reason }: Container): string {
  const end = exitCode === undefined ? 'did not run' : `exited with code ${exitCode}`;
  return `container ${name} ${end}${reason ? ` (${reason})` : ''}`;
}
