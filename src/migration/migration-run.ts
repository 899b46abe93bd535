import type { Task } from '@aws-sdk/client-ecs';
import { currentContainer, describeProgress, failureOf, isLost, STOPPED_EARLY } from './migration-task';
import type { MigrationTasks } from './migration-tasks';
import { describe, isPassing } from './passing-errors';
import { DeploymentError } from '../custom-resource/custom-resource-response';

/** The time, which tests make faster. Milliseconds. */
export interface Clock {
  /** Since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** What one invocation leaves to the next. */
export interface Progress {
  /** When the request came, in milliseconds since 1970. */
  readonly start: number;
  /** How long the deployment waits. */
  readonly seconds: number;
  /** Of the stack, when the request came. */
  readonly stackStatus?: string;
  /** How often a task was to be started. */
  attempts: number;
  /** The task that this request waits for; absent as long as there is none. */
  taskArn?: string;
}

/** What a run needs of the invocation that it is in. */
export interface Invocation {
  readonly clock: Clock;
  /** When it has to be over, in milliseconds since 1970. */
  readonly end: number;
  /** Undefined if CloudFormation does not say. */
  stackStatus(): Promise<string | undefined>;
}

/** Too little time is left in this invocation: the next one goes on. */
export class InvocationEnds extends Error {}

export const ROLL_BACK = 'UPDATE_ROLLBACK_IN_PROGRESS';

const POLL_INTERVAL = 1000;
const REPORT_INTERVAL = 60_000;
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 60_000;

/** The work of one request of CloudFormation, in one or more invocations. */
export class MigrationRun {
  private reported = { text: '', at: 0 };

  constructor(
    private readonly tasks: MigrationTasks,
    private readonly requestId: string,
    public readonly progress: Progress,
    private readonly invocation: Invocation,
  ) { }

  /** Resolves when a task of this release has succeeded, or when a roll-back finds that of the newer release still running. */
  public async migrate(): Promise<void> {
    for (;;) {
      this.progress.taskArn ??= await this.runningOrNew();
      if (!this.progress.taskArn) { return; }
      const failure = failureOf(await this.end(this.progress.taskArn));
      if (!failure) { return; }
      const reason = `${failure.reason}; ${this.tasks.logs(this.progress.taskArn, failure.container)}`;
      if (!failure.passing) { throw new DeploymentError(reason); }
      this.progress.taskArn = undefined;
      await this.pauseAfter(this.progress.attempts, reason, 'the migration could not be started');
    }
  }

  /** Resolves when no task is left, whose network interface would keep subnets and security group from being deleted, and the task the cluster. */
  public async remove(): Promise<void> {
    for (const { taskArn } of await this.retry('ecs:ListTasks', () => this.tasks.running())) {
      console.log(`stopping ${taskArn}`);
      await this.retry('ecs:StopTask', () => this.tasks.stop(taskArn!, 'the migration is being deleted'));
      await this.end(taskArn!);
    }
  }

  /** One task at a time: two releases must not migrate beside each other. */
  private async runningOrNew(): Promise<string | undefined> {
    for (;;) {
      const [task] = await this.retry('ecs:ListTasks', () => this.tasks.running());
      if (task && this.tasks.isOfThisRelease(task)) { return task.taskArn; } // of another delivery, or of a request without an answer
      if (task && this.progress.stackStatus === ROLL_BACK) {
        console.log(`not started: ${task.taskArn} of the newer release goes on; the next deployment waits for it`);
        return undefined;
      }
      if (task) {
        console.log(`waiting for ${task.taskArn} of an earlier deployment`);
        await this.end(task.taskArn!);
      } else {
        const taskArn = await this.start();
        if (taskArn) { return taskArn; }
      }
    }
  }

  /** Undefined if it did not work this time. */
  private async start(): Promise<string | undefined> {
    if (this.progress.attempts > 0 && await this.isGivenUp()) {
      throw new DeploymentError('CloudFormation has given this request up meanwhile: no task is started');
    }
    this.progress.attempts += 1;
    try {
      return await this.tasks.start(`${this.requestId}-${this.progress.attempts}`);
    } catch (error) {
      if (!this.isPassing(error)) { throw new DeploymentError(`ecs:RunTask failed: ${describe(error)}`); }
      await this.pauseAfter(this.progress.attempts, describe(error), 'the migration task could not be started');
      return undefined;
    }
  }

  /** A deletion or a roll-back has begun: a task that is started now would be met by nobody. */
  private async isGivenUp(): Promise<boolean> {
    const { stackStatus: before } = this.progress;
    const now = await this.invocation.stackStatus();
    return before !== undefined && now !== undefined && now !== before;
  }

  private async end(taskArn: string): Promise<Task> {
    for (;;) {
      const task = await this.retry('ecs:DescribeTasks', () => this.tasks.describe(taskArn));
      this.report(taskArn, task);
      if (task?.lastStatus === 'STOPPED') { return task; }
      if (task && isLost(task)) {
        await this.retry('ecs:StopTask', () => this.tasks.stop(taskArn, STOPPED_EARLY));
      }
      if (this.remaining() <= 0) {
        throw new DeploymentError(`the migration has not ended within ${this.progress.seconds} seconds and goes on, as task ${taskArn}; `
          + `the next deployment waits for it; ${this.tasks.logs(taskArn, currentContainer(task))}`);
      }
      await this.pause(POLL_INTERVAL);
    }
  }

  private report(taskArn: string, task: Task | undefined): void {
    const text = task ? describeProgress(task) : 'not known to ECS yet';
    const now = this.invocation.clock.now();
    if (text === this.reported.text && now - this.reported.at < REPORT_INTERVAL) { return; }
    this.reported = { text, at: now };
    console.log(`${this.seconds()} s: task ${taskArn.split('/').pop()} ${text}`);
  }

  private async retry<T>(action: string, request: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await request();
      } catch (error) {
        const reason = `${action} failed: ${describe(error)}`;
        if (!this.isPassing(error)) { throw new DeploymentError(reason); }
        await this.pauseAfter(failures, reason);
      }
    }
  }

  private isPassing(error: unknown): boolean {
    return isPassing(error, this.seconds());
  }

  /** Longer each time; fails where no time is left for another try. */
  private async pauseAfter(attempts: number, reason: string, failure?: string): Promise<void> {
    const pause = Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE);
    if (this.remaining() <= pause) {
      throw new DeploymentError(failure ? `${failure} within ${this.progress.seconds} seconds: ${reason}` : reason);
    }
    console.log(`${this.seconds()} s: once more in ${pause / 1000} s: ${reason}`);
    await this.pause(pause);
  }

  private async pause(milliseconds: number): Promise<void> {
    const { clock, end } = this.invocation;
    if (clock.now() + milliseconds > end) { throw new InvocationEnds(); }
    await clock.sleep(milliseconds);
  }

  /** Since the request came. */
  private seconds(): number {
    return Math.round((this.invocation.clock.now() - this.progress.start) / 1000);
  }

  private remaining(): number {
    return this.progress.start + this.progress.seconds * 1000 - this.invocation.clock.now();
  }
}
