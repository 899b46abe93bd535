import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Stack } from './assembly';
import type { Cloud } from './cloud';
import type { Names } from './names';
import type { RememberedResource, RememberedResources } from './remembered-resources';
import type { ResponseServer } from './response-server';
import type { Properties } from './template';
import type { TaskDefinition } from '../ecs/definitions';
import type { LambdaFunction } from '../lambda/lambda-function';
import type { DatabaseEndpoint } from '../postgres/definitions';

/** A resource whose turn has come: everything it refers to exists. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  /** The same with dynamic references (`{{resolve:secretsmanager:…}}`) as they are in the template: what may be written to disk. */
  readonly unresolved: Properties;
}

export interface Created {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Record<string, unknown>;
  /** Present when nothing local stands for it. */
  readonly notRealised?: NotRealised;
}

export interface NotRealised {
  /** What that means for somebody who runs the template locally. */
  readonly meaning: string;
  /** Whether something behaves differently from AWS because of it. */
  readonly matters: boolean;
}

export type ResourceHandler = (resource: Resource, context: Context) => Created | Promise<Created>;

/** What resources of one deployment share. */
export interface Context {
  readonly stack: Stack;
  readonly cloud: Cloud;
  readonly names: Names;
  readonly s3: S3Client;
  readonly secretsManager: SecretsManagerClient;
  readonly remembered: RememberedResources;
  readonly responses: ResponseServer;
  /** Folder for code that has to be unpacked. */
  readonly stateFolder: string;
  readonly logFolder: string;
  /** `node_modules` folder with the AWS SDK, which is part of the Lambda runtime. */
  readonly nodePath: string;
  readonly signal: AbortSignal;
  /** By ARN. */
  readonly functions: Map<string, LambdaFunction>;
  readonly taskDefinitions: Map<string, TaskDefinition>;
  /** Names of private DNS namespaces by their id. */
  readonly namespaces: Map<string, string>;
  /** `webserver.airflow` by the ARN of the Cloud Map service. */
  readonly privateNames: Map<string, string>;
  /** By name. */
  readonly parameterGroups: Map<string, Record<string, string>>;
  /** By identifier of the cluster or instance. */
  readonly databases: Map<string, Database>;
  /** Short names of ECS services by logical id. */
  readonly serviceNames: ReadonlyMap<string, string>;
  /** Custom resources to delete after everything else. */
  readonly replaced: { readonly logicalId: string; readonly resource: RememberedResource }[];

  /** Replaces dynamic references by the values they name. */
  resolveDynamicReferences<T>(value: T): Promise<T>;
}

export interface Database extends DatabaseEndpoint {
  readonly identifier: string;
  readonly databaseName?: string;
  readonly kind: 'cluster' | 'instance';
}
