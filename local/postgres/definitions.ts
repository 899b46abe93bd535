export interface Databases {
  /** Resolves when connections are accepted. Repeating it with the same identifier starts the database with its data. */
  create(database: DatabaseDefinition): Promise<DatabaseEndpoint>;
  /** Of the master user. */
  setPassword(identifier: string, password: string): Promise<void>;
  /** Of one that does not run as well. Its data are kept as a snapshot of that name, or not at all. */
  delete(identifier: string, snapshot?: string): Promise<void>;
}

export interface DatabaseDefinition {
  /** Of the cluster or instance, from its logical id. */
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
