import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Stack } from './assembly';
import type { Cloud } from './cloud';
import type { PhysicalNames } from './physical-names';
import type { RealisedResources } from './realised-resources';
import type { PropertyTable } from './resources/property-table';
import type { ResponseServer } from './response-server';
import type { DeletionPolicy, Properties } from './template';

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
  /** The update has made another physical resource: the one before is to be deleted. */
  readonly isReplacement?: boolean;
  /** The attributes must not be shown: they are not kept, so the next engine asks for them again. */
  readonly noEcho?: boolean;
}

export interface NotRealised {
  /** What that means for somebody who runs the template locally. */
  readonly meaning: string;
  /** Whether something behaves differently from AWS because of it. */
  readonly matters: boolean;
}

/** A resource of the stack as it is, and as it is remembered. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  /** Dynamic references unresolved: no value of a secret stands here. */
  readonly properties: Properties;
  readonly physicalId: string;
  readonly attributes: Record<string, unknown>;
  readonly notRealised?: NotRealised;
  readonly noEcho?: boolean;
  /** See `PhysicalNames`. */
  readonly generation: number;
  /** Logical ids. */
  readonly dependencies: readonly string[];
  readonly deletionPolicy?: DeletionPolicy;
  readonly updateReplacePolicy?: DeletionPolicy;
  /** Its last change failed: nobody knows how far that went. */
  readonly unfinished?: boolean;
}

/** How resources of a type are realised. */
export interface ResourceType {
  /** Makes it, or takes over what is there under its name. */
  readonly create: (resource: Resource, context: Context) => Created | Promise<Created>;
  /** Brings back what an earlier engine has made. @default `create`, for what is gone with the process */
  readonly resume?: (resource: Resource, context: Context, before: StackResource) => Created | Promise<Created>;
  /** Brings it from an earlier state to this one. */
  readonly update?: (resource: Resource, context: Context, before: StackResource) => Created | Promise<Created>;
  /** Properties that `update` realises, and those that need nothing; a change of any other one is refused. */
  readonly updates?: PropertyTable | 'any';
  /** Leaves nothing of it; also of what an earlier engine has made. */
  readonly delete?: (before: StackResource, context: Context) => void | Promise<void>;
  /** Keeps its content under a name, and leaves nothing else of it. */
  readonly snapshot?: (before: StackResource, context: Context) => void | Promise<void>;
  /** It outlives the engine: what has changed meanwhile is updated, not made anew. */
  readonly persistent?: boolean;
  /** The property that may hold the name: while that stays, there cannot be two, so it cannot be replaced. */
  readonly nameProperty?: string;
}

/** What resources of one deployment share. */
export interface Context {
  readonly stack: Stack;
  readonly cloud: Cloud;
  /** Of the resource at hand. */
  readonly names: PhysicalNames;
  readonly s3: S3Client;
  readonly secretsManager: SecretsManagerClient;
  readonly responses: ResponseServer;
  /** Folder for code that has to be unpacked. */
  readonly stateFolder: string;
  readonly logFolder: string;
  /** `node_modules` folder with the AWS SDK, which is part of the Lambda runtime. */
  readonly nodePath: string;
  /** Aborted when the deployment fails or the engine ends. */
  readonly signal: AbortSignal;
  /** Aborted when the engine ends. */
  readonly lifetime: AbortSignal;
  readonly realised: RealisedResources;

  /** Replaces dynamic references by the values they name. */
  resolveDynamicReferences<T>(value: T): Promise<T>;
}
