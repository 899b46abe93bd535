import type { Tmpfs } from '../isolation/isolation';

/** What the template says about tasks and services, every value resolved. Names follow the ECS API. */

export interface TaskDefinition {
  /** `…:task-definition/<family>:<revision>` */
  readonly arn: string;
  readonly logicalId: string;
  readonly family: string;
  readonly cpu: number;
  /** MiB */
  readonly memory: number;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly containers: ContainerDefinition[];
}

/** A folder of the task's disk that a container sees. */
export interface MountPoint {
  /** Name of one of the task's volumes: containers that name the same one share it. */
  readonly volume: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
}

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly entryPoint?: string[];
  readonly command?: string[];
  readonly workingDirectory?: string;
  /** `uid`, `uid:gid`; absent: what the image says. */
  readonly user?: string;
  readonly environment: Record<string, string>;
  /** Variable name to `valueFrom` (ARN of a secret, optionally with `:jsonField:versionStage:versionId`). */
  readonly secrets: Record<string, string>;
  readonly logs?: LogDestination;
  readonly portMappings: PortMapping[];
  readonly healthCheck?: HealthCheck;
  readonly dependsOn: ContainerDependency[];
  /** Whether it is started again when it ends, without its task. */
  readonly restart?: RestartPolicy;
  /** Seconds between SIGTERM and SIGKILL; ECS's default is 30. */
  readonly stopTimeout: number;
  readonly readonlyRootFilesystem: boolean;
  readonly tmpfs: readonly Tmpfs[];
  readonly mountPoints: readonly MountPoint[];
  /** MiB; absent: as much as the task has. */
  readonly memory?: number;
}

/** Of the driver `awslogs`. */
export interface LogDestination {
  readonly group: string;
  readonly region: string;
  readonly streamPrefix: string;
}

export interface PortMapping {
  readonly containerPort: number;
  /** `http` ports are published on the host. */
  readonly appProtocol?: string;
}

export interface HealthCheck {
  /** `['CMD-SHELL', '…']` or `['CMD', 'program', 'argument', …]` */
  readonly command: string[];
  /** Seconds, like all below. */
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
}

export interface RestartPolicy {
  readonly ignoredExitCodes: number[];
  /** Seconds that it has to have run. */
  readonly attemptPeriod: number;
}

export interface ContainerDependency {
  readonly containerName: string;
  readonly condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY';
}

/** Of rolling updates. */
export interface DeploymentConfiguration {
  /** Of the desired count: how many tasks stay healthy during a deployment. */
  readonly minimumHealthyPercent: number;
  /** Of the desired count: how many tasks there may be during a deployment. */
  readonly maximumPercent: number;
  readonly deploymentCircuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
}

/** Of a service that is there. */
export type ServiceUpdate = Omit<ServiceDefinition, 'desiredCount'> & { readonly desiredCount?: number };

export interface ServiceDefinition {
  readonly arn: string;
  readonly logicalId: string;
  /** Short name for people, unique in the run: the name of the essential container (`scheduler`), else with a suffix. */
  readonly name: string;
  readonly taskDefinition: TaskDefinition;
  readonly desiredCount: number;
  readonly deploymentConfiguration: DeploymentConfiguration;
  /** Private names from Cloud Map (`webserver.airflow`), each answering with every running task's address. */
  readonly privateNames: string[];
  /** Ids. */
  readonly securityGroups: readonly string[];
}
