import { Construct } from 'constructs';
import type { BoundBroker } from './bound-broker';
import { AirflowBrokerRedisOnFargateOptions, RedisOnFargate } from './redis-on-fargate';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { defineOnce } from '../cluster/define-once';
import { ARCHITECTURE, IMAGE } from '../properties/cdk-types';
import { NUMBER, validateTypes } from '../properties/property-types';
import type { AirflowSecrets } from '../secrets/airflow-secrets';

/**
 * What carries tasks from the scheduler to the workers.
 *
 * @example
 * new ServerlessAirflow(this, 'Airflow', {
 *   broker: AirflowBroker.redisOnFargate({ memoryLimitMiB: 1024 }),
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
    return defineOnce(this, cluster, () => new RedisOnFargate(scope, 'Redis', { ...this.options, cluster, password: secrets.broker }));
  }
}
