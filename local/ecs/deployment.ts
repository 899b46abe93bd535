import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ServiceDefinition, TaskDefinition } from './definitions';

/** One state of a service that its tasks are brought to; ECS's own names. */
export class Deployment {
  readonly id = `ecs-svc/${Array.from({ length: 19 }, () => randomInt(1, 10)).join('')}`;
  readonly createdAt: Date;
  readonly taskDefinition: TaskDefinition;
  readonly securityGroups: readonly string[];
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' = 'IN_PROGRESS';
  rolloutStateReason: string;
  updatedAt: Date;
  /** Tasks in a row that ended early or without ever having been ready. */
  failedTasks = 0;
  /** The next task is delayed, for its predecessors failed. */
  delaying = false;

  constructor({ taskDefinition, securityGroups }: ServiceDefinition, now: number) {
    this.taskDefinition = taskDefinition;
    this.securityGroups = securityGroups;
    this.createdAt = this.updatedAt = new Date(now);
    this.rolloutStateReason = `ECS deployment ${this.id} in progress.`;
  }

  /** Whether its tasks are what the definition asks for. */
  fits({ taskDefinition, securityGroups }: ServiceDefinition): boolean {
    return this.rolloutState !== 'FAILED' && this.taskDefinition.arn === taskDefinition.arn && isDeepStrictEqual(this.securityGroups, securityGroups);
  }

  become(state: Deployment['rolloutState'], reason: string, now: number): void {
    this.rolloutState = state;
    this.rolloutStateReason = reason;
    this.updatedAt = new Date(now);
  }
}
