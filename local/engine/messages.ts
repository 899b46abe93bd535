import type { PublishedPort } from './published-ports';
import type { AwsEnvironment } from '../aws-environment';
import type { Deployment, ResourceEvent, StackEvent } from '../cloudformation';
import type { StateFolders } from './state';
import type { ServiceStatus } from '../ecs/cluster';
import type { AccessKey } from '../iam/access-keys';
import type { Denial } from '../iam/denials';
import type { Software } from '../install/installation';
import type { IsolationLevel } from '../isolation/isolation';
import type { Refusal } from '../isolation/security-groups';

/** What `up` tells the engine, which runs in namespaces of its own. Not on its command line: that is public. */
export type ToEngine =
  | StartEngine
  | { readonly type: 'stop' };

/** For one stack of an assembly, or for whatever is deployed. */
export type StartEngine =
  | { readonly type: 'start'; readonly options: EngineOptions }
  | { readonly type: 'start aws'; readonly options: AwsOptions };

export interface CloudOptions {
  readonly level: IsolationLevel;
  /** Whether security groups are enforced. */
  readonly securityGroups: boolean;
  /** Control group of the run; without it memory limits are not enforced. */
  readonly memoryFolder?: string;
  readonly folders: StateFolders;
  readonly software: Software;
  /** See `IsolationOptions`. */
  readonly internetSocket?: string;
}

export interface EngineOptions extends CloudOptions {
  /** Absolute path of the `cdk.out` folder. */
  readonly assembly: string;
  readonly stackName: string;
  /** Unix sockets that lead to the HTTP port of a service. */
  readonly published: readonly { readonly logicalId: string; readonly containerPort: number; readonly socket: string }[];
}

export interface AwsOptions extends CloudOptions {
  readonly awsEnvironment: AwsEnvironment;
  /** Unix socket that leads to the AWS API. */
  readonly socket: string;
  /** See `AccountStackOptions`. */
  readonly allowUnrealised: boolean;
}

export type FromEngine =
  /** The AWS API can be reached, and all stacks are back. */
  | { readonly type: 'aws'; readonly operator: AccessKey }
  | { readonly type: 'stack event'; readonly stack: string; readonly event: StackEvent }
  | { readonly type: 'deployed'; readonly stack: string; readonly deployment: Deployment; readonly published: readonly (PublishedPort & { readonly socket: string })[] }
  | { readonly type: 'resource'; readonly event: ResourceEvent }
  | { readonly type: 'services'; readonly services: ServiceStatus[] }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'denial'; readonly denial: Denial }
  | { readonly type: 'ready'; readonly deployment: Deployment; readonly services: ServiceStatus[] }
  | { readonly type: 'failed'; readonly message: string; readonly stack?: string };

/** Answer of the control server's `/status`. */
export interface Status {
  readonly services: ServiceStatus[];
  /** Whether security groups are enforced. */
  readonly securityGroups: boolean;
  /** Connections that no security group rule allows, since the start. */
  readonly refused: readonly Refusal[];
  readonly denials: Denial[];
  /** One sentence for each thing besides the services that does not work, or has not since the start. */
  readonly problems: string[];
  /** Once everything has been started. */
  readonly deployment?: Deployment;
}

/** What somebody may log in with at one of the services. */
export interface Login {
  readonly service: string;
  readonly username: string;
  readonly password: string;
}

/** A line of the control server's answer to `/deploy`; the last one is not an event. */
export type DeployOutput =
  | { readonly event: ResourceEvent }
  | { readonly changed: boolean }
  | { readonly error: string };

/** A line of the control server's answer to `/exec`; data is Base64. */
export type ExecOutput =
  | { readonly stream: 'stdout' | 'stderr'; readonly data: string }
  | { readonly exitCode: number };
