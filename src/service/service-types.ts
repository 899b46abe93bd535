import type { AirflowParts, AirflowServiceOptions } from './airflow-service-props';
import type { AirflowBroker } from '../broker/airflow-broker';
import { IMAGE_TYPES } from '../container/airflow-container';
import { PART_TYPES } from '../container/part-types';
import type { DagSource } from '../dags/dag-source';
import type { AirflowMigration } from '../migration/airflow-migration';
import { DURATION, ENVIRONMENT, ROLE, SECRET_ENVIRONMENT, SECURITY_GROUPS } from '../properties/cdk-types';
import { BOOLEAN, listOf, NUMBER, object, PropertyTypes, required } from '../properties/property-types';
import type { TaskLogs } from '../task-logs/task-logs';

export const BROKER = object<AirflowBroker>('an AirflowBroker, for example AirflowBroker.redisOnFargate()', '_bind');
export const TASK_LOGS = object<TaskLogs>('TaskLogs, for example TaskLogs.s3()', '_bind');
export const DAGS = listOf(object<DagSource>('a DagSource', 'name'), 'a list of DAG sources, for example [DagSource.directory("./dags")]');

export const PARTS_TYPES: PropertyTypes<AirflowParts> = {
  ...IMAGE_TYPES,
  cluster: required(PART_TYPES.cluster),
  secrets: required(PART_TYPES.secrets),
  database: required(PART_TYPES.database),
  fernetKey: required(PART_TYPES.fernetKey),
  broker: required(BROKER),
  taskLogs: required(TASK_LOGS),
  dags: DAGS,
  migration: object<AirflowMigration>('an AirflowMigration', 'taskDefinition'),
};

export const SERVICE_TYPES: PropertyTypes<AirflowServiceOptions> = {
  cpu: NUMBER,
  memoryLimitMiB: NUMBER,
  desiredCount: NUMBER,
  environment: ENVIRONMENT,
  secretEnvironment: SECRET_ENVIRONMENT,
  stopTimeout: DURATION,
  enableExecuteCommand: BOOLEAN,
  taskRole: ROLE,
  executionRole: ROLE,
  securityGroups: SECURITY_GROUPS,
};
