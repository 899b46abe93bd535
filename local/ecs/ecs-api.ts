import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from './cluster';
import type { ContainerDefinition, DeploymentConfiguration, TaskDefinition } from './definitions';
import type { Deployment } from './deployment';
import type { Service } from './service';
import type { Task } from './task';
import { MOST_MINUTES, MOST_TASKS, protect, protectionOf } from './task-protection';
import { UserError } from '../errors';
import { DEFAULT_SECURITY_GROUP } from '../isolation/security-groups';

const TARGET = 'AmazonEC2ContainerServiceV20141113.';

interface Request {
  cluster?: string;
  count?: number;
  clientToken?: string;
  deploymentConfiguration?: Partial<DeploymentConfiguration>;
  desiredCount?: number;
  desiredStatus?: 'RUNNING' | 'STOPPED';
  expiresInMinutes?: number;
  family?: string;
  forceNewDeployment?: boolean;
  group?: string;
  networkConfiguration?: { awsvpcConfiguration?: { securityGroups?: string[] } };
  protectionEnabled?: boolean;
  overrides?: { containerOverrides?: ContainerOverride[] };
  reason?: string;
  service?: string;
  serviceName?: string;
  services?: string[];
  startedBy?: string;
  task?: string;
  tasks?: string[];
  taskDefinition?: string;
}

interface ContainerOverride {
  name: string;
  command?: string[];
  environment?: { name: string; value: string }[];
}

class ApiError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** The part of the Amazon ECS API (JSON protocol) that custom resources and scalers call, answered by the local cluster. */
export class EcsApi {
  private readonly operations: Record<string, (request: Request) => object> = {
    RunTask: request => this.runTask(request),
    StopTask: request => this.stopTask(request),
    DescribeTasks: request => this.describeTasks(request),
    ListTasks: request => this.listTasks(request),
    DescribeServices: request => this.describeServices(request),
    UpdateService: request => this.updateService(request),
    GetTaskProtection: request => this.getTaskProtection(request),
    UpdateTaskProtection: request => this.updateTaskProtection(request),
  };
  /** RunTask is idempotent by its client token. */
  private readonly byClientToken = new Map<string, { request: Request; tasks: Task[] }>();

  constructor(private readonly cluster: Cluster) {}

  /** `target` is the header X-Amz-Target, e.g. `AmazonEC2ContainerServiceV20141113.RunTask`. */
  async handle(target: string, body: string): Promise<{ statusCode: number; body: string }> {
    const name = target.startsWith(TARGET) ? target.slice(TARGET.length) : target;
    try {
      const operation = this.operations[name];
      if (!operation) throw new ApiError('InvalidAction', `${name} is not supported locally: there are ${Object.keys(this.operations).join(', ')}`);
      return { statusCode: 200, body: JSON.stringify(operation(JSON.parse(body) as Request)) };
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof UserError)) throw error;
      const code = error instanceof ApiError ? error.code : 'ClientException';
      return { statusCode: 400, body: JSON.stringify({ __type: code, message: error.message }) };
    }
  }

  private runTask(request: Request): object {
    const definition = this.taskDefinition(request.taskDefinition);
    const { clientToken: token, startedBy } = request;
    limit('clientToken', token, 64);
    limit('startedBy', startedBy, 128);
    const earlier = token === undefined ? undefined : this.byClientToken.get(token);
    if (earlier && !isDeepStrictEqual(earlier.request, request)) {
      throw new ApiError('ConflictException', 'The clientToken has been used before, with other parameters.');
    }
    const started = earlier?.tasks ?? Array.from({ length: request.count ?? 1 }, () => this.cluster.runTask(
      overridden(definition, request.overrides),
      {
        cluster: nameOf(request.cluster ?? 'default'),
        group: request.group ?? `family:${definition.family}`,
        startedBy,
        logName: definition.containers.find(({ essential }) => essential)!.name,
        securityGroups: request.networkConfiguration?.awsvpcConfiguration?.securityGroups ?? [DEFAULT_SECURITY_GROUP],
      },
    ));
    if (token) this.byClientToken.set(token, { request, tasks: started });
    return { tasks: started.map(describeTask), failures: [] };
  }

  private stopTask({ task: reference, reason }: Request): object {
    const task = this.task(reference ?? '');
    if (!task) throw new ApiError('InvalidParameterException', 'The referenced task was not found.');
    task.stop('UserInitiated', reason ?? 'Task stopped by user');
    return { task: describeTask(task) };
  }

  private describeTasks({ tasks: references = [] }: Request): object {
    const found = references.map(reference => ({ reference, task: this.task(reference) }));
    return {
      tasks: found.flatMap(({ task }) => task ? [describeTask(task)] : []),
      failures: found.filter(({ task }) => !task).map(({ reference }) => ({ arn: reference, reason: 'MISSING' })),
    };
  }

  private listTasks({ family, serviceName, startedBy, desiredStatus: status, ...rest }: Request): object {
    const others = Object.keys({ ...rest, ...family && { family }, ...serviceName && { serviceName }, ...status && { desiredStatus: status } });
    if (startedBy !== undefined && others.some(name => name !== 'cluster')) {
      throw new ApiError('InvalidParameterException', 'When you specify startedBy as the filter, it must be the only filter that you use.');
    }
    const desiredStatus = status ?? 'RUNNING';
    const tasks = (serviceName ? this.service(serviceName).tasks : this.cluster.tasks()).filter(task =>
      task.desiredStatus === desiredStatus
      && (family === undefined || task.definition.family === family)
      && (startedBy === undefined || task.options.startedBy === startedBy));
    return { taskArns: tasks.map(({ arn }) => arn) };
  }

  private describeServices({ services = [] }: Request): object {
    const known = this.cluster.services();
    const found = services.map(reference => ({ reference, service: known.some(({ name, arn }) => [name, arn, nameOf(arn)].includes(reference)) }));
    return {
      services: found.filter(({ service }) => service).map(({ reference }) => describeService(this.service(reference))),
      failures: found.filter(({ service }) => !service).map(({ reference }) => ({ arn: reference, reason: 'MISSING' })),
    };
  }

  /** A count that is not given stays what it is. */
  private updateService(request: Request): object {
    const {
      service: reference, cluster: _cluster, desiredCount, taskDefinition, deploymentConfiguration, networkConfiguration, forceNewDeployment, ...rest
    } = request;
    const unsupported = Object.keys(rest);
    if (unsupported.length > 0) throw new ApiError('InvalidParameterException', `${unsupported.join(', ')} of UpdateService is not supported locally`);
    const service = this.service(reference ?? '');
    const { definition } = service;
    service.update({
      ...definition,
      desiredCount: desiredCount ?? service.desiredCount,
      taskDefinition: taskDefinition === undefined ? definition.taskDefinition : this.taskDefinition(taskDefinition),
      deploymentConfiguration: { ...definition.deploymentConfiguration, ...deploymentConfiguration },
      securityGroups: networkConfiguration?.awsvpcConfiguration?.securityGroups ?? definition.securityGroups,
    }, forceNewDeployment);
    return { service: describeService(service) };
  }

  private getTaskProtection({ tasks: references = [] }: Request): object {
    const tasks = references.map(reference => ({ reference, task: this.task(reference) }));
    return {
      protectedTasks: tasks.flatMap(({ task }) => task ? [protectionOf(task, this.cluster.now)] : []),
      failures: tasks.filter(({ task }) => !task).map(({ reference }) => ({ arn: reference, reason: 'MISSING' })),
    };
  }

  private updateTaskProtection({ tasks: references = [], ...request }: Request): object {
    const { protectionEnabled, expiresInMinutes = 1 } = request;
    const allowed = (value: number, most: number) => value >= 1 && value <= most;
    if (protectionEnabled === undefined || !allowed(references.length, MOST_TASKS) || !allowed(expiresInMinutes, MOST_MINUTES)) {
      throw new ApiError('InvalidParameterException', `UpdateTaskProtection takes 1 to ${MOST_TASKS} tasks, protectionEnabled, and 1 to ${MOST_MINUTES} minutes.`);
    }
    const services = this.cluster.services().map(({ arn }) => this.cluster.service(arn));
    const answers = references.map(reference => {
      const task = this.task(reference);
      return task ? protect(task, services.find(({ tasks }) => tasks.includes(task)), request, this.cluster.now) : { arn: reference, reason: 'MISSING' };
    });
    services.forEach(service => service.reconcile());
    return { protectedTasks: answers.filter(answer => 'taskArn' in answer), failures: answers.filter(answer => 'reason' in answer) };
  }

  private task(reference: string): Task | undefined {
    return this.cluster.tasks().find(({ arn, id }) => [arn, id].includes(reference));
  }

  private service(reference: string): Service {
    try {
      return this.cluster.service(reference);
    } catch {
      throw new ApiError('ServiceNotFoundException', 'Service not found.');
    }
  }

  private taskDefinition(reference = ''): TaskDefinition {
    const definition = this.cluster.taskDefinition(reference);
    if (!definition) throw new ApiError('ClientException', `TaskDefinition not found: ${reference}`);
    return definition;
  }
}

function overridden(definition: TaskDefinition, { containerOverrides = [], ...rest }: Request['overrides'] = {}): TaskDefinition {
  const others = containerOverrides.map(({ name: _name, command: _command, environment: _environment, ...other }) => other);
  const unsupported = [rest, ...others].flatMap(Object.keys);
  if (unsupported.length > 0) throw new ApiError('InvalidParameterException', `${unsupported.join(', ')} in overrides is not supported locally`);
  const unknown = containerOverrides.find(({ name }) => !definition.containers.some(container => container.name === name));
  if (unknown) throw new ApiError('InvalidParameterException', `Override for container named ${unknown.name} is not a container in the TaskDefinition.`);
  const override = (container: ContainerDefinition): ContainerDefinition => {
    const { command, environment = [] } = containerOverrides.find(({ name }) => name === container.name) ?? {};
    return {
      ...container,
      command: command ?? container.command,
      environment: { ...container.environment, ...Object.fromEntries(environment.map(({ name, value }) => [name, value])) },
    };
  };
  return { ...definition, containers: definition.containers.map(override) };
}

function describeTask(task: Task): object {
  const { arn, definition, options, lastStatus, desiredStatus, healthStatus, createdAt, startedAt, stoppedAt, stopCode, stoppedReason } = task;
  return {
    taskArn: arn,
    taskDefinitionArn: definition.arn,
    clusterArn: arn.replace(/:task\/.*/, `:cluster/${options.cluster}`),
    attachments: task.address === undefined ? [] : [{ type: 'ElasticNetworkInterface', status: 'ATTACHED', details: [{ name: 'privateIPv4Address', value: task.address }] }],
    group: options.group,
    startedBy: options.startedBy,
    launchType: 'FARGATE',
    cpu: String(definition.cpu),
    memory: String(definition.memory),
    lastStatus,
    desiredStatus,
    healthStatus,
    createdAt: seconds(createdAt),
    startedAt: seconds(startedAt),
    stoppedAt: seconds(stoppedAt),
    stopCode,
    stoppedReason,
    // in no order on AWS: by name here, so that nobody takes the definition's for granted
    containers: [...task.containers].sort((a, b) => a.definition.name.localeCompare(b.definition.name)).map(container => ({
      containerArn: `${arn.replace(':task/', ':container/')}/${container.definition.name}`,
      taskArn: arn,
      name: container.definition.name,
      image: container.definition.image,
      lastStatus: container.lastStatus,
      healthStatus: container.healthStatus,
      exitCode: container.exitCode,
      reason: container.reason,
    })),
  };
}

function describeService(service: Service): object {
  const { definition, deployments, desiredCount, active, events, primary } = service;
  const running = active.filter(({ lastStatus }) => lastStatus === 'RUNNING').length;
  return {
    serviceArn: definition.arn,
    serviceName: nameOf(definition.arn),
    clusterArn: definition.arn.replace(/:service\/([^/]+)\/.*/, ':cluster/$1'),
    status: 'ACTIVE',
    launchType: 'FARGATE',
    taskDefinition: primary.taskDefinition.arn,
    desiredCount,
    runningCount: running,
    pendingCount: active.length - running,
    deploymentConfiguration: definition.deploymentConfiguration,
    deployments: deployments.map(deployment => describeDeployment(deployment, service)),
    events: events.list().map(({ id, createdAt, message }) => ({ id, createdAt: seconds(createdAt), message })),
  };
}

function describeDeployment(deployment: Deployment, { active, desiredCount, primary }: Service): object {
  const { id, taskDefinition, rolloutState, rolloutStateReason, failedTasks, createdAt, updatedAt } = deployment;
  const tasks = active.filter(({ options }) => options.startedBy === id);
  const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length;
  return {
    id,
    status: deployment === primary ? 'PRIMARY' : 'ACTIVE',
    taskDefinition: taskDefinition.arn,
    desiredCount: deployment === primary ? desiredCount : 0,
    runningCount: running,
    pendingCount: tasks.length - running,
    failedTasks,
    rolloutState,
    rolloutStateReason,
    createdAt: seconds(createdAt),
    updatedAt: seconds(updatedAt),
  };
}

function limit(name: string, value: string | undefined, length: number): void {
  if (value !== undefined && value.length > length) {
    throw new ApiError('InvalidParameterException', `${name} must have ${length} characters or fewer, has ${value.length}`);
  }
}

function nameOf(arn: string): string {
  return arn.split('/').at(-1)!;
}

function seconds(date?: Date): number | undefined {
  return date && date.getTime() / 1000;
}
