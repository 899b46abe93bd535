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
