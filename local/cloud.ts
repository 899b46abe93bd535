import type { ServiceDefinition, TaskDefinition } from './ecs/definitions';
import type { AccessKeys } from './iam/access-keys';
import type { Iam } from './iam/iam';
import type { SecurityGroups } from './isolation/security-groups';

/** The local services that CloudFormation resources are realised with. */
export interface Cloud {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** URL of the AWS API (S3, Secrets Manager, ECS) as seen by the engine and by every task. */
  readonly endpoint: string;
  /** CloudFormation acts as the operator; functions get keys of their roles. */
  readonly accessKeys: AccessKeys;
  readonly iam: Iam;
  readonly ecs: Ecs;
  readonly databases: Databases;
  readonly securityGroups: SecurityGroups;
}

export interface Ecs {
  registerTaskDefinition(definition: TaskDefinition): void;
  /** Resolves when the service is steady (desired count running and healthy), as CloudFormation waits; rejects when it cannot get there. */
  createService(definition: ServiceDefinition): Promise<void>;
}

export interface Databases {
  /** Resolves when connections are accepted. Repeating it with the same identifier starts the database with its data. */
  create(database: DatabaseDefinition): Promise<DatabaseEndpoint>;
}

export interface DatabaseDefinition {
  /** Logical id of the cluster or instance. */
  readonly identifier: string;
  /** As in the template, `17.9`. */
  readonly engineVersion: string;
  readonly masterUsername: string;
  readonly masterPassword: string;
  readonly port: number;
  readonly databaseName?: string;
  /** Of the parameter group, `rds.force_ssl` included. */
  readonly parameters: Record<string, string>;
  /** Ids. */
  readonly securityGroups: readonly string[];
}

export interface DatabaseEndpoint {
  /** Private name, resolvable in every task. */
  readonly address: string;
  readonly port: number;
}
