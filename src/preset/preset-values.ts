import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { AirflowClusterProps } from '../cluster/airflow-cluster';
import type { AirflowDatabaseProps } from '../database/airflow-database';
import type { AirflowWorkerOptions } from '../service/airflow-service-props';

/** The properties that presets decide, where they belong. */
export interface PresetValues {
  readonly removalPolicy?: RemovalPolicy;
  readonly cluster: Required<Pick<AirflowClusterProps, 'natGateways' | 'containerInsights' | 'logRetention'>>;
  readonly database: Required<Pick<AirflowDatabaseProps, 'minCapacity' | 'maxCapacity' | 'readers' | 'backupRetention' | 'deletionProtection'>>
    & Pick<AirflowDatabaseProps, 'monitoringInterval'>;
  readonly webServer: ServiceValues;
  readonly scheduler: ServiceValues;
  readonly dagProcessor: ServiceValues;
  readonly triggerer: ServiceValues;
  readonly worker: ServiceValues;
}

/** What a preset says of a service. */
export type ServiceValues = Required<Pick<AirflowWorkerOptions, 'desiredCount'>> & Pick<AirflowWorkerOptions, 'useSpot'>;

/** Without a preset: what is safe, once each. */
export const NO_PRESET: PresetValues = {
  cluster: { natGateways: 1, containerInsights: ecs.ContainerInsights.ENABLED, logRetention: logs.RetentionDays.ONE_MONTH },
  database: { minCapacity: 0.5, maxCapacity: 4, readers: 0, backupRetention: Duration.days(7), deletionProtection: true },
  webServer: { desiredCount: 1 },
  scheduler: { desiredCount: 1 },
  dagProcessor: { desiredCount: 1 },
  triggerer: { desiredCount: 1 },
  worker: { desiredCount: 1, useSpot: false },
};
