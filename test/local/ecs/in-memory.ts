import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { FastClock } from './clock';
import type { ContainerDefinition, ServiceDefinition, TaskDefinition } from '../../../local/ecs/definitions';
import type { Image } from '../../../local/ecs/image';
import { Service } from '../../../local/ecs/service';
import type { TaskContext } from '../../../local/ecs/task';
import type { ContainerSpec, RunningContainer } from '../../../local/isolation/isolation';

/** What the one container of a task does: its health check passes, fails, or is not answered yet; or it ends. `first`: only the first one of the definition answers. */
type Behaviour = 'healthy' | 'unhealthy' | 'silent' | 'exit' | 'first';

const HEALTH_CHECK = { command: ['CMD', 'ask'], interval: 1, timeout: 60, retries: 1, startPeriod: 0 };
const IMAGE: Image = {
  environment: {}, user: { uid: 1, gid: 1 }, workingDirectory: '/', python: '', programs: [], writable: [], argv: ({ command = [] }) => command,
};

/** Services of tasks that are no processes: what the scheduler decides, in no time. */
export class InMemoryServices {
  /** Silent containers answer now. */
  readonly behaviours = new Map<string, Behaviour>();
  private readonly started = new Set<string>();
  private revision = 0;
  private address = 0;
  private readonly context = {
    partition: 'aws',
    region: 'eu-west-1',
    account: '111111111111',
    clock: new FastClock(1000),
    endpoint: '',
    taskFolder: '/nowhere',
    logFolder: '/nowhere',
    images: { resolve: () => IMAGE },
    taskEndpoints: { register: () => ({ environment: {}, release: () => {} }) },
    isolation: {
      addTask: async () => `10.0.0.${++this.address}`,
      removeTask: async () => {},
      start: async ({ argv: [behaviour] }: ContainerSpec) => this.container(behaviour),
    },
  } as unknown as TaskContext;

  definition(behaviour: Behaviour): TaskDefinition {
    const name = `${behaviour}-${++this.revision}`;
    this.behaviours.set(name, behaviour);
    const container = {
      name: 'main',
      image: '',
      essential: true,
      command: [name],
      environment: {},
      secrets: {},
      portMappings: [],
      mountPoints: [],
      dependsOn: [],
      stopTimeout: 1,
      readonlyRootFilesystem: false,
      tmpfs: [],
      healthCheck: HEALTH_CHECK,
    } satisfies ContainerDefinition;
    return { arn: `arn:task-definition/family:${this.revision}`, logicalId: 'T', family: 'family', cpu: 256, memory: 512, containers: [container] };
  }

  service(taskDefinition: TaskDefinition, more: Partial<ServiceDefinition['deploymentConfiguration']> & { desiredCount?: number } = {}): Service {
    const { desiredCount = 1, ...deploymentConfiguration } = more;
    return new Service({
      arn: 'arn:aws:ecs:eu-west-1:111111111111:service/cluster/Name',
      logicalId: 'S',
      name: 'main',
      taskDefinition,
      desiredCount,
      privateNames: [],
      securityGroups: [],
      deploymentConfiguration: {
        minimumHealthyPercent: 100, maximumPercent: 200, deploymentCircuitBreaker: { enable: true, rollback: true }, ...deploymentConfiguration,
      },
    }, this.context, () => {});
  }

  private container(name: string): RunningContainer {
    let end!: (code: number) => void;
    const exited = new Promise<number>(done => end = done);
    const isFirst = !this.started.has(name);
    this.started.add(name);
    if (this.behaviours.get(name) === 'exit') setTimeout(() => end(9), 1);
    return {
      exited, pid: 1, outOfMemory: () => false, signal: () => end(143), kill: () => end(137), exec: () => this.check(name, isFirst),
    };
  }

  private check(name: string, isFirst: boolean) {
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    const child = Object.assign(new EventEmitter(), { ...streams, kill: () => {} });
    const answer = () => {
      const behaviour = this.behaviours.get(name);
      if (behaviour === 'silent' || (behaviour === 'first' && !isFirst)) setTimeout(answer, 1).unref();
      else child.emit('exit', behaviour === 'unhealthy' ? 1 : 0, null);
    };
    setImmediate(answer);
    return child as never;
  }
}
