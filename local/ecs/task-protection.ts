/** As much of a task as the rules of protection look at. */
export interface Protectable {
  readonly arn: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
}

export interface ProtectingService {
  readonly desiredCount: number;
  /** Its tasks that are not about to stop. */
  readonly active: readonly Protectable[];
}

export interface ProtectionRequest {
  readonly protectionEnabled?: boolean;
  readonly expiresInMinutes?: number;
}

/** What ECS says about one task. */
export interface Protection {
  readonly taskArn: string;
  readonly protectionEnabled: boolean;
  /** Seconds since 1970. */
  readonly expirationDate?: number;
}

export interface ProtectionFailure {
  readonly arn: string;
  readonly reason: 'DEPLOYMENT_BLOCKED' | 'TASK_NOT_VALID';
  readonly detail: string;
}

const MINUTE = 60_000;
const DEFAULT_MINUTES = 120;
/** What ECS takes in one request. */
export const MOST_MINUTES = 2880;
export const MOST_TASKS = 10;

/** When each protection ends, in milliseconds. */
const leases = new WeakMap<Protectable, number>();

/** Whether ECS leaves the task alone when it scales in, and replaces it last in a deployment. */
export function isProtected(task: Protectable, now: number): boolean {
  return (leases.get(task) ?? 0) > now;
}

/**
 * As UpdateTaskProtection: protects a task of a service, or ends that. ECS refuses protection where there would be more protected tasks than are desired,
 * also for tasks that have it and ask for it again: whether it counts renewals is not documented, and a caller must not rely on it.
 *
 * @param service the task's; undefined where it has none
 */
export function protect(
  task: Protectable, service: ProtectingService | undefined, request: ProtectionRequest, now: number,
): Protection | ProtectionFailure {
  if (!service || task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') {
    return { arn: task.arn, reason: 'TASK_NOT_VALID', detail: 'The task is not in a state, or not of a service, that can be protected.' };
  }
  if (!request.protectionEnabled) {
    leases.delete(task);
    return protectionOf(task, now);
  }
  const others = service.active.filter(other => other !== task && isProtected(other, now));
  if (others.length + 1 > service.desiredCount) {
    return { arn: task.arn, reason: 'DEPLOYMENT_BLOCKED', detail: `The service has ${others.length} protected tasks, and ${service.desiredCount} are desired.` };
  }
  leases.set(task, now + (request.expiresInMinutes ?? DEFAULT_MINUTES) * MINUTE);
  return protectionOf(task, now);
}

/** As GetTaskProtection. */
export function protectionOf(task: Protectable, now: number): Protection {
  const protectionEnabled = isProtected(task, now);
  return { taskArn: task.arn, protectionEnabled, ...protectionEnabled && { expirationDate: leases.get(task)! / 1000 } };
}
