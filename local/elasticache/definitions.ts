export interface Caches {
  /** Resolves when connections are accepted. It is empty. */
  create(cache: CacheDefinition): Promise<CacheEndpoint>;
  /** Of one that does not run as well. */
  delete(identifier: string): Promise<void>;
}

export interface CacheDefinition {
  /** Of the replication group, from its logical id. */
  readonly identifier: string;
  /** What its endpoints have in common: `name.abc123.use1.cache.amazonaws.com`. */
  readonly domain: string;
  readonly port: number;
  readonly password: string;
  /** Of the parameter group. */
  readonly parameters: Record<string, string>;
  /** Ids. */
  readonly securityGroups: readonly string[];
}

export interface CacheEndpoint {
  /** Private name, resolvable in every task. */
  readonly primary: string;
  readonly reader: string;
  readonly port: number;
}
