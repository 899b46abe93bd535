import { Construct } from 'constructs';
import type { BoundBroker } from './bound-broker';
import { AirflowBrokerElastiCacheOptions, ElastiCache, validateElastiCache } from './elasticache';
import { AirflowBrokerExistingOptions, existingClients, validateExisting } from './existing-broker';
import { AirflowBrokerRedisOnFargateOptions, RedisOnFargate } from './redis-on-fargate';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { defineOnce } from '../cluster/define-once';
import { ARCHITECTURE, IMAGE } from '../properties/cdk-types';
import { NUMBER, validateTypes } from '../properties/property-types';
import type { AirflowSecret } from '../secrets/airflow-secret';
import type { AirflowSecrets } from '../secrets/airflow-secrets';

/**
 * What carries tasks from the scheduler to the workers. `docs/broker.md` compares them.
 *
 * @example
 * new ServerlessAirflow(this, 'Airflow', {
 *   broker: AirflowBroker.elastiCache({ nodeType: 'cache.t4g.small', replicas: 1 }),
 * });
 */
export abstract class AirflowBroker {
  /**
   * One Redis server on Fargate, without persistence. When it is replaced, running tasks go on, new ones wait for the new server, and those that waited in
   * it for a worker are lost: the scheduler looks for them every ten seconds and sends them again, 10 to 30 seconds after the new server answers.
   *
   * @param options size and image
   */
  public static redisOnFargate(options: AirflowBrokerRedisOnFargateOptions = {}): AirflowBroker {
    return new RedisOnFargateBroker(options);
  }

  /**
   * Valkey or Redis in ElastiCache: encrypted with TLS and at rest, with a password, private. With a replica it keeps the messages when a node is lost.
   *
   * A password that is given (`AirflowSecrets.broker`) must have 16 to 128 letters, digits and `!`, `&`, `#`, `$`, `^`, `<`, `>`, `-`.
   *
   * @param options engine, size and replicas
   */
  public static elastiCache(options: AirflowBrokerElastiCacheOptions = {}): AirflowBroker {
    return new ElastiCacheBroker(options);
  }

  /**
   * A Redis or Valkey server that exists already, with one shard. It should have the policy `noeviction` for a full memory, and belong to this deployment
   * alone: who can write to the broker can have workers run what it wants.
   *
   * @param options address and password
   */
  public static existing(options: AirflowBrokerExistingOptions): AirflowBroker {
    return new ExistingBroker(options);
  }

  /**
   * The password that it has already; undefined if it gets the one of the AirflowSecrets.
   *
   * @internal
   */
  public readonly _password?: AirflowSecret;

  /**
   * Defines the broker, once for each cluster.
   *
   * @internal
   */
  public abstract _bind(scope: Construct, cluster: AirflowCluster, secrets: AirflowSecrets): BoundBroker;
}

class RedisOnFargateBroker extends AirflowBroker {
  constructor(private readonly options: AirflowBrokerRedisOnFargateOptions) {
    super();
    validateTypes(options, { image: IMAGE, cpu: NUMBER, memoryLimitMiB: NUMBER, cpuArchitecture: ARCHITECTURE });
  }

  /** @internal */
  public _bind(scope: Construct, cluster: AirflowCluster, secrets: AirflowSecrets): BoundBroker {
    return defineOnce(this, cluster, () => new RedisOnFargate(scope, 'Redis', { ...this.options, cluster, password: secrets.broker }).clients);
  }
}

class ElastiCacheBroker extends AirflowBroker {
  constructor(private readonly options: AirflowBrokerElastiCacheOptions) {
    super();
    validateElastiCache(options);
  }

  /** @internal */
  public _bind(scope: Construct, cluster: AirflowCluster, secrets: AirflowSecrets): BoundBroker {
    return defineOnce(this, cluster, () => new ElastiCache(scope, 'ElastiCache', { ...this.options, cluster, password: secrets.broker }).clients);
  }
}

class ExistingBroker extends AirflowBroker {
  /** @internal */
  public readonly _password: AirflowSecret;

  constructor(private readonly options: AirflowBrokerExistingOptions) {
    super();
    validateExisting(options);
    this._password = options.secret;
  }

  /** @internal */
  public _bind(_scope: Construct, cluster: AirflowCluster): BoundBroker {
    return defineOnce(this, cluster, () => existingClients(this.options));
  }
}
