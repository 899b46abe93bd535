/** The server that ElastiCache runs. */
export class AirflowBrokerElastiCacheEngine {
  /** Valkey 8: open source, and cheaper than Redis. */
  public static readonly VALKEY_8 = new AirflowBrokerElastiCacheEngine('valkey', '8.0', 'valkey8');

  /** Redis OSS 7, the last one that ElastiCache has. */
  public static readonly REDIS_7 = new AirflowBrokerElastiCacheEngine('redis', '7.1', 'redis7');

  /** @internal */
  public readonly _parameterGroupFamily: string;

  private constructor(
    /** As ElastiCache calls it. */
    public readonly engine: string,
    /** The version that a new server starts with; later ones of the same major version come in maintenance windows. */
    public readonly version: string,
    family: string,
  ) {
    this._parameterGroupFamily = family;
  }
}
