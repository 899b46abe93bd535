import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Stack } from './assembly';
import type { Cloud } from './cloud';
import type { PhysicalNames } from './physical-names';
import type { RealisedResources } from './realised-resources';
import type { RememberedResource, RememberedResources } from './remembered-resources';
import type { ResponseServer } from './response-server';
import type { Properties } from './template';

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
  readonly names: PhysicalNames;
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
  readonly realised: RealisedResources;
  /** Custom resources to delete after everything else. */
  readonly replaced: { readonly logicalId: string; readonly resource: RememberedResource }[];

  /** Replaces dynamic references by the values they name. */
  resolveDynamicReferences<T>(value: T): Promise<T>;
}
