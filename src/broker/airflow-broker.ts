import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { RedisOnFargate } from './redis-on-fargate';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { bindOnce } from '../cluster/bind-once';
import type { AirflowSecrets } from '../secrets/airflow-secrets';
import type { BoundBroker } from '../service/bound-parts';

/** Options of a Redis server on Fargate. */
export interface RedisOnFargateOptions {
  /**
   * Image with `redis-server` and `redis-cli` and the user 999:1000.
   *
   * @default - the official image of Redis 8.2 from the Amazon ECR Public Gallery
   */
  readonly image?: ecs.ContainerImage;

  /**
   * CPU units.
   *
   * @default 256
   */
  readonly cpu?: number;

  /**
   * Memory in MiB. Redis uses three quarters of it for messages.
   *
   * @default 512
   */
  readonly memoryLimitMiB?: number;

  /**
   * CPU architecture.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
}

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
   * One Redis server on Fargate, without persistence: when it is replaced, Airflow queues the tasks again that waited in it, after ten minutes
   * at most, and running tasks go on.
   *
   * @param options size and image
   */
  public static redisOnFargate(options: RedisOnFargateOptions = {}): AirflowBroker {
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
  constructor(private readonly options: RedisOnFargateOptions) {
    super();
  }

  /** @internal */
  public _bind(scope: Construct, cluster: AirflowCluster, secrets: AirflowSecrets): BoundBroker {
    return bindOnce(this, cluster, () => new RedisOnFargate(scope, 'Redis', { ...this.options, cluster, password: secrets.broker }));
  }
}
