import type { ParameterStore } from '../aws-api/parameter-store';
import type { AwsEnvironment } from '../aws-environment';
import type { ServiceDefinition, ServiceUpdate, TaskDefinition } from '../ecs/definitions';
import type { Caches } from '../elasticache/definitions';
import type { AccessKeys } from '../iam/access-keys';
import type { Iam } from '../iam/iam';
import type { SecurityGroups } from '../isolation/security-groups';
import type { LambdaFunction } from '../lambda/lambda-function';
import type { Databases } from '../postgres/definitions';

/** The local services that CloudFormation resources are realised with. */
export interface Cloud extends AwsEnvironment {
  /** URL of the AWS API (S3, Secrets Manager, ECS) as seen by the engine and by every task. */
  readonly endpoint: string;
  /** CloudFormation acts as the operator; functions get keys of their roles. */
  readonly accessKeys: AccessKeys;
  readonly iam: Iam;
  readonly ecs: EcsResources;
  /** By ARN: those that the AWS API can invoke. */
  readonly functions: Map<string, LambdaFunction>;
  readonly databases: Databases;
  readonly caches: Caches;
  readonly parameters: ParameterStore;
  readonly securityGroups: SecurityGroups;
}

/** What CloudFormation makes in ECS. */
export interface EcsResources {
  registerTaskDefinition(definition: TaskDefinition): void;
  deregisterTaskDefinition(arn: string): void;
  /** Resolves when the service is steady (desired count running and healthy), as CloudFormation waits; rejects when it cannot get there. */
  createService(definition: ServiceDefinition, signal: AbortSignal): Promise<void>;
  /** The same for one that is there; a count that is not given stays what it is. */
  updateService(definition: ServiceUpdate, signal: AbortSignal): Promise<void>;
  deleteService(arn: string): Promise<void>;
}
