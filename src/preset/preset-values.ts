import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { WorkerCapacity } from '../scaling/worker-capacity';

/** The properties that presets decide, under the names that they have there. */
export interface PresetValues {
  readonly removalPolicy?: RemovalPolicy;
  readonly cluster: ClusterValues;
  readonly database: DatabaseValues;
  readonly webServer: ServiceValues;
  /** Where it is a service of its own. */
  readonly executionApi: ServiceValues;
  readonly scheduler: ServiceValues;
  readonly dagProcessor: ServiceValues;
  readonly triggerer: ServiceValues;
  /** Of each pool. */
  readonly worker: WorkerPoolValues;
  readonly flower: FlowerValues;
}

export interface ClusterValues {
  readonly natGateways: number;
  readonly containerInsights: ecs.ContainerInsights;
  readonly logRetention: logs.RetentionDays;
}

export interface DatabaseValues {
  readonly minCapacity: number;
  readonly maxCapacity: number;
  readonly readers: number;
  readonly backupRetention: Duration;
  readonly monitoringInterval?: Duration;
}

export interface ServiceValues {
  readonly desiredCount: number;
}

export interface WorkerPoolValues extends ServiceValues {
  readonly capacity: WorkerCapacity;
}

export interface FlowerValues {
  readonly enabled: boolean;
}

/** Without a preset: what is safe, once each. */
export const NO_PRESET: PresetValues = {
  cluster: { natGateways: 1, containerInsights: ecs.ContainerInsights.ENABLED, logRetention: logs.RetentionDays.ONE_MONTH },
  database: { minCapacity: 0.5, maxCapacity: 4, readers: 0, backupRetention: Duration.days(7) },
  webServer: { desiredCount: 1 },
  executionApi: { desiredCount: 1 },
  scheduler: { desiredCount: 1 },
  dagProcessor: { desiredCount: 1 },
  triggerer: { desiredCount: 1 },
  worker: { desiredCount: 1, capacity: WorkerCapacity.onDemand() },
  flower: { enabled: true },
};
