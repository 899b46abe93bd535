import { existsSync } from 'node:fs';
import type { ServiceDefinition } from './definitions';
import { Deployment } from './deployment';
import { nextSteps, type Steps } from './rolling-update';
import { ServiceEvents } from './service-events';
import { Task, type TaskContext } from './task';
import { isProtected } from './task-protection';
import { UserError } from '../errors';

/** What ECS's circuit breaker takes: half of the desired count, within these bounds. */
const FEWEST_FAILURES = 3;
const MOST_FAILURES = 200;
/** ECS refuses a further one. */
const MOST_DEPLOYMENTS = 5;
const LONGEST_DELAY = 30_000;
/** A task that ends earlier than this counts as failed, and the next one is delayed. */
const SHORT_LIFE = 60_000;
/** How many ended tasks are remembered. */
const REMEMBERED = 5;

/** Keeps the desired number of tasks of the primary deployment running: starts, replaces, stops, and takes a failed deployment back. */
export class Service {
  readonly tasks: Task[] = [];
  readonly events: ServiceEvents;
  /** The primary one first; the others still have tasks. */
  private current: Deployment[];
  private completed?: Deployment;
  private desired: number;
  private readonly ready = new WeakSet<Task>();
  private readonly surplus = new WeakSet<Task>();
  private readonly judged = new WeakSet<Task>();
  private readonly ended = new AbortController();
  private readonly waiting: { done: () => void; fail: (error: Error) => void }[] = [];

  constructor(
    private definitionNow: ServiceDefinition,
    private readonly context: TaskContext,
    private readonly onChange: () => void,
  ) {
    this.desired = definitionNow.desiredCount;
    this.events = new ServiceEvents(definitionNow.arn, context.clock);
    this.current = [new Deployment(definitionNow, context.clock.now())];
    this.reconcile();
  }

  get definition(): ServiceDefinition {
    return this.definitionNow;
  }

  get deployments(): readonly Deployment[] {
    return this.current;
  }

  get primary(): Deployment {
    return this.current[0];
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
    return this.current.length === 1 && active.length === this.desired && active.every(({ ready }) => ready);
  }

  /** As UpdateService: a new deployment if its tasks would be others, or one that still has tasks again. */
  update(definition: ServiceDefinition, forceNewDeployment = false): void {
    const known = forceNewDeployment ? undefined : this.current.find(deployment => deployment.fits(definition));
    if (!known && this.current.length >= MOST_DEPLOYMENTS) {
      throw new UserError(`service ${definition.name} has ${this.current.length} active deployments: wait until one of them has ended`);
    }
    this.settle(new UserError(`the deployment of service ${definition.name} gave way to another one`));
    this.definitionNow = definition;
    this.desired = definition.desiredCount;
    if (known !== this.primary) this.promote(known ?? new Deployment(definition, this.context.clock.now()));
    this.reconcile();
  }

  /** Rejects when the deployment fails, or would be tried for ever, and when nobody waits any more. */
  async whenSteady(signal?: AbortSignal): Promise<void> {
    if (this.steady) return;
    await new Promise<void>((done, fail) => {
      this.waiting.push({ done, fail });
      signal?.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
    });
  }

  async stop(graceSeconds?: number): Promise<void> {
    this.ended.abort();
    this.desired = 0;
    const stopping = this.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    for (const task of stopping) task.stop('ServiceSchedulerInitiated', 'Service was stopped', graceSeconds);
    await Promise.all(stopping.map(async task => task.stopped));
    this.settle(new UserError(`service ${this.definition.name} was stopped`));
  }

  private promote(deployment: Deployment): void {
    deployment.become('IN_PROGRESS', `ECS deployment ${deployment.id} in progress.`, this.context.clock.now());
    this.current = [deployment, ...this.current.filter(other => other !== deployment)];
  }

  /** Starts and stops what has to be: also after tasks have got or lost their protection. */
  reconcile(): void {
    if (this.ended.signal.aborted) return;
    for (const task of this.active.filter(({ healthStatus }) => healthStatus === 'UNHEALTHY')) {
      this.events.tell(`(task ${task.id}) failed container health checks.`);
      task.stop('ServiceSchedulerInitiated', 'Task failed container health checks');
    }
    for (const task of this.steps().stop) {
      if (task.desiredStatus === 'STOPPED') continue; // the end of another one led here as well
      this.surplus.add(task);
      this.events.tell(`has stopped 1 running tasks: (task ${task.id}).`);
      task.stop('ServiceSchedulerInitiated', `Scaling activity initiated by (deployment ${this.primary.id})`);
    }
    if (this.primary.failedTasks === 0) this.fill();
    else if (this.steps().start > 0) void this.fillLater(this.primary);
    const { active } = this;
    this.current = this.current.filter((deployment, index) => index === 0 || active.some(({ options }) => options.startedBy === deployment.id));
    if (this.steady) this.complete();
    this.onChange();
  }

  private steps(): Steps<Task> {
    const { primary, active, desired, definition: { deploymentConfiguration } } = this;
    const [own, old] = [true, false].map(isOwn => active.filter(({ options }) => (options.startedBy === primary.id) === isOwn));
    const now = this.context.clock.now();
    const steps = nextSteps(desired, deploymentConfiguration, own, old, task => isProtected(task, now));
    return primary.rolloutState === 'FAILED' ? { stop: [], start: 0 } : steps;
  }

  private fill(): void {
    while (this.steps().start > 0) this.startTask(this.primary);
  }

  /** 1, 2, 4 … seconds after tasks that failed one after another. */
  private async fillLater(deployment: Deployment): Promise<void> {
    if (deployment.delaying) return;
    deployment.delaying = true;
    const delay = Math.min(1000 * 2 ** (deployment.failedTasks - 1), LONGEST_DELAY);
    await this.context.clock.sleep(delay, this.ended.signal);
    deployment.delaying = false;
    if (this.ended.signal.aborted || deployment !== this.primary) return;
    this.fill();
    this.onChange();
  }

  private startTask({ id, taskDefinition, securityGroups }: Deployment): void {
    const { arn, name } = this.definition;
    const options = { cluster: arn.split('/').at(-2)!, group: `service:${arn.split('/').at(-1)}`, startedBy: id, logName: name, securityGroups };
    const task: Task = new Task(taskDefinition, options, this.context, () => this.taskChanged(task));
    this.tasks.push(task);
    this.events.tell(`has started 1 tasks: (task ${task.id}).`);
  }

  private taskChanged(task: Task): void {
    if (task.ready) this.ready.add(task);
    if (task.desiredStatus === 'STOPPED' && !this.judged.has(task)) {
      this.judged.add(task);
      if (task.stopCode !== 'UserInitiated' && !this.surplus.has(task)) this.judge(task);
    }
    if (task.lastStatus === 'STOPPED') this.forget();
    this.reconcile();
  }

  private judge(task: Task): void {
    const deployment = this.current.find(({ id }) => id === task.options.startedBy);
    if (!deployment) return;
    const longLived = this.ready.has(task) && this.context.clock.now() - task.startedAt!.getTime() > SHORT_LIFE;
    deployment.failedTasks = longLived ? 0 : deployment.failedTasks + 1;
    const threshold = Math.min(Math.max(Math.ceil(this.desired / 2), FEWEST_FAILURES), MOST_FAILURES);
    if (deployment !== this.primary || deployment.failedTasks < threshold) return;
    if (deployment.rolloutState === 'IN_PROGRESS') this.giveUp(deployment, task);
    else this.settle(new UserError(this.whyNotSteady(deployment, task))); // one that was steady once
  }

  /** The circuit breaker. Where there is none ECS would go on trying, and whoever waits for it would wait for hours: here it is told. */
  private giveUp(deployment: Deployment, last: Task): void {
    const { deploymentCircuitBreaker: { enable, rollback } } = this.definition.deploymentConfiguration;
    const now = this.context.clock.now();
    if (enable) {
      deployment.become('FAILED', 'ECS deployment circuit breaker: tasks failed to start.', now);
      this.events.tell(`(deployment ${deployment.id}) deployment failed: tasks failed to start.`);
      if (rollback && this.completed) {
        this.events.tell(`rolling back to deployment ${this.completed.id}.`);
        this.promote(this.completed);
        this.completed.rolloutStateReason = `ECS deployment circuit breaker: rolling back to deploymentId ${this.completed.id}.`;
      }
    } else {
      this.events.tell('is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.');
    }
    this.settle(new UserError(`${enable ? 'ECS Deployment Circuit Breaker was triggered: ' : ''}${this.whyNotSteady(deployment, last)}`));
  }

  private whyNotSteady({ failedTasks }: Deployment, task: Task): string {
    const guilty = task.containers.find(container => container.exitCode || container.reason) ?? task.mainContainer;
    const { definition: { name }, exitCode, reason, logFile } = guilty;
    const details = [exitCode === undefined ? [] : [`exit code ${exitCode}`], reason ?? []].flat().join(', ');
    return `service ${this.definition.name} does not become steady: ${failedTasks} tasks failed in a row, the last one with "${task.stoppedReason}"` +
      `${details ? ` (container ${name}: ${details})` : ''}${existsSync(logFile) ? `: see ${logFile}` : ''}`; // none if no container started
  }

  private complete(): void {
    const { primary } = this;
    if (primary.rolloutState === 'IN_PROGRESS') {
      primary.become('COMPLETED', `ECS deployment ${primary.id} completed.`, this.context.clock.now());
      this.completed = primary;
      this.events.tell(`(deployment ${primary.id}) deployment completed.`);
      this.events.tell('has reached a steady state.');
    }
    this.settle();
  }

  private settle(error?: Error): void {
    for (const { done, fail } of this.waiting.splice(0)) error ? fail(error) : done();
  }

  private forget(): void {
    const stopped = this.tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED');
    for (const task of stopped.slice(0, -REMEMBERED)) this.tasks.splice(this.tasks.indexOf(task), 1);
  }
}
