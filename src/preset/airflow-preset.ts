import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { NO_PRESET, PresetValues } from './preset-values';
import { WorkerCapacity } from '../scaling/worker-capacity';

/**
 * Values for many properties at once. A property that is given wins over the preset, each for itself.
 *
 * @example
 * new ServerlessAirflow(this, 'Airflow', {
 *   preset: AirflowPreset.PRODUCTION,
 *   scheduler: { desiredCount: 3 },
 * });
 */
export class AirflowPreset {
  /**
   * For development: cheap, and everything is deleted with the stack, data included.
   *
   * Workers run on Fargate Spot, which an existing ECS cluster has to have among its capacity providers.
   */
  public static readonly DEVELOPMENT = new AirflowPreset({
    ...NO_PRESET,
    removalPolicy: RemovalPolicy.DESTROY,
    cluster: { ...NO_PRESET.cluster, containerInsights: ecs.ContainerInsights.DISABLED, logRetention: logs.RetentionDays.ONE_WEEK },
    database: { ...NO_PRESET.database, maxCapacity: 2, backupRetention: Duration.days(1) },
    worker: { ...NO_PRESET.worker, capacity: WorkerCapacity.spot() },
  });

  /**
   * For production: everything that can be there twice is, in two availability zones; backups and logs are kept for long.
   *
   * It warns where the stack has no termination protection, and where the image is on Docker Hub.
   *
   * Redis is one task, which ECS replaces. There is no Flower, unless its option `enabled` asks for it. There is one DAG processor, too: a second
   * one would read every file once more, and while it is replaced, DAGs run as they are.
   */
  public static readonly PRODUCTION = new AirflowPreset({
    ...NO_PRESET,
    cluster: { natGateways: 2, containerInsights: ecs.ContainerInsights.ENHANCED, logRetention: logs.RetentionDays.ONE_YEAR },
    database: {
      ...NO_PRESET.database, minCapacity: 1, maxCapacity: 16, readers: 1, backupRetention: Duration.days(35), monitoringInterval: Duration.minutes(1),
    },
    webServer: { ...NO_PRESET.webServer, desiredCount: 2 },
    executionApi: { ...NO_PRESET.executionApi, desiredCount: 2 },
    scheduler: { ...NO_PRESET.scheduler, desiredCount: 2 },
    triggerer: { ...NO_PRESET.triggerer, desiredCount: 2 },
    worker: { ...NO_PRESET.worker, desiredCount: 2 },
    flower: { enabled: false },
  });

  /** @internal */
  public static readonly _NONE = new AirflowPreset(NO_PRESET);

  /** @internal */
  public readonly _values: PresetValues;

  private constructor(values: PresetValues) {
    this._values = values;
  }
}
