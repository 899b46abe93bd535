import { existsSync } from 'node:fs';
import type { ServiceDefinition } from './definitions';
import { Task, type TaskContext } from './task';
import { leavers } from './task-protection';
import { UserError } from '../errors';

/** As ECS's circuit breaker for small services. */
const FAILURES_UNTIL_GIVING_UP = 3;
const LONGEST_DELAY = 30_000;
/** A task that ends earlier than this counts as failed, and the next one is delayed. */
const SHORT_LIFE = 60_000;
/** How many ended tasks are remembered. */
const REMEMBERED = 5;

/** Keeps the desired number of tasks running: starts, replaces, stops. */
export class Service {
  readonly tasks: Task[] = [];
  /** Tasks in a row that ended early or without ever having been ready. */
  private failures = 0;
  private readonly ready = new WeakSet<Task>();
  private readonly scaledDown = new WeakSet<Task>();
  private readonly judged = new WeakSet<Task>();
  private readonly ended = new AbortController();
  private readonly waiting: { done: () => void; fail: (error: Error) => void }[] = [];
  private restarting = false;

  constructor(
    readonly definition: ServiceDefinition,
    private desired: number,
    private readonly context: TaskContext,
    private readonly onChange: () => void,
  ) {
    this.reconcile();
  }

  get desiredCount(): number {
    return this.desired;
  }

  set desiredCount(count: number) {
    this.desired = count;
    this.reconcile();
  }

  /** Tasks that are not about to stop. */
  get active(): Task[] {
    return this.tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  }

  get steady(): boolean {
    const { active } = this;
    return active.length === this.desired && active.every(({ ready }) => ready);
  }

  /** Rejects when its tasks keep failing. */
  async whenSteady(): Promise<void> {
    if (this.steady) return;
    await new Promise<void>((done, fail) => this.waiting.push({ done, fail }));
  }

  async stop(graceSeconds?: number): Promise<void> {
    this.ended.abort();
    this.desired = 0;
    const stopping = this.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    for (const task of stopping) task.stop('ServiceSchedulerInitiated', 'Service was stopped', graceSeconds);
    await Promise.all(stopping.map(async task => task.stopped));
    this.settle(new UserError(`service ${this.definition.name} was stopped`));
  }

  private reconcile(): void {
    if (this.ended.signal.aborted) return;
    for (const task of this.active.filter(({ healthStatus }) => healthStatus === 'UNHEALTHY')) {
      task.stop('ServiceSchedulerInitiated', 'Task failed container health checks');
    }
    const { active } = this;
    for (const task of leavers(active, this.desired, this.context.clock.now())) {
      this.scaledDown.add(task);
      task.stop('ServiceSchedulerInitiated', `Scaling activity initiated by deployment of service ${this.definition.name}`);
    }
    if (active.length < this.desired && !this.restarting) {
      if (this.failures === 0) this.fill();
      else void this.fillLater();
    }
    if (this.steady) this.settle();
    this.onChange();
  }

  private fill(): void {
    while (this.active.length < this.desired) this.startTask();
  }

  /** 1, 2, 4 … seconds after tasks that failed one after another. */
  private async fillLater(): Promise<void> {
    this.restarting = true;
    const delay = Math.min(1000 * 2 ** (this.failures - 1), LONGEST_DELAY);
    await this.context.clock.sleep(delay, this.ended.signal);
    this.restarting = false;
    if (this.ended.signal.aborted) return;
    this.fill();
    this.onChange();
  }

  private startTask(): void {
    const { taskDefinition, arn, name, securityGroups } = this.definition;
    const options = { cluster: arn.split('/').at(-2)!, group: `service:${arn.split('/').at(-1)}`, startedBy: 'ecs-svc/local', logName: name, securityGroups };
    const task: Task = new Task(taskDefinition, options, this.context, () => this.taskChanged(task));
    this.tasks.push(task);
  }

  private taskChanged(task: Task): void {
    if (task.ready) this.ready.add(task);
    if (task.desiredStatus === 'STOPPED' && !this.judged.has(task)) {
      this.judged.add(task);
      if (task.stopCode !== 'UserInitiated' && !this.scaledDown.has(task)) this.judge(task);
    }
    if (task.lastStatus === 'STOPPED') this.forget();
    this.reconcile();
  }

  private judge(task: Task): void {
    const longLived = this.ready.has(task) && this.context.clock.now() - task.startedAt!.getTime() > SHORT_LIFE;
    this.failures = longLived ? 0 : this.failures + 1;
    if (this.failures < FAILURES_UNTIL_GIVING_UP || this.waiting.length === 0) return;
    const guilty = task.containers.find(container => container.exitCode || container.reason) ?? task.mainContainer;
    const { definition: { name }, exitCode, reason, logFile } = guilty;
    const details = [exitCode === undefined ? [] : [`exit code ${exitCode}`], reason ?? []].flat().join(', ');
    const error = new UserError(
      `service ${this.definition.name} does not become steady: ${this.failures} tasks failed in a row, the last one with "${task.stoppedReason}"` +
      `${details ? ` (container ${name}: ${details})` : ''}${existsSync(logFile) ? `: see ${logFile}` : ''}`, // none if no container started
    );
    this.settle(error);
  }

  private settle(error?: Error): void {
    for (const { done, fail } of this.waiting.splice(0)) error ? fail(error) : done();
  }

  private forget(): void {
    const stopped = this.tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED');
    for (const task of stopped.slice(0, -REMEMBERED)) this.tasks.splice(this.tasks.indexOf(task), 1);
  }
}
