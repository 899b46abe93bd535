import type { Size } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { IAirflowDatabase } from '../database/database';
import type { CeleryExecutor, ExecutorRole } from '../executor/celery-executor';
import type { WorkerCapacity } from '../scaling/worker-capacity';
import type { AirflowVersion } from '../version/airflow-version';

/** What a component runs, listens on and needs. Nothing else decides what its container gets. */
export interface ComponentDefinition {
  /** Name of the component, and of its container unless that has another. */
  readonly name: string;
  readonly containerName?: string;
  /** Arguments of the official image's entry point, or of `airflow` where it runs code of DAGs. */
  readonly command: string[];
  /** Whether code of DAGs runs in processes that it forks. */
  readonly runsDagCode: boolean;
  readonly port?: number;
  /** Name in the private DNS namespace. */
  readonly privateName?: string;
  /** Whether people open the port, by HTTP. */
  readonly web: boolean;
  /** Names of the components that connect to the port. */
  readonly clients: string[];

  /** Parts that it is bound to. */
  readonly metadataDatabase: boolean;
  readonly executor?: ExecutorRole;
  readonly fernetKey: boolean;
  readonly jwtSecret: boolean;
  readonly apiSecretKey: boolean;
  /** All components know the configuration of the DAG bundles; some read the bundles. */
  readonly dags: 'configuration' | 'read';
  readonly taskLogs: 'none' | 'read' | 'write';

  /** CPU units */
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  /** A disk for `/tmp`, which is in memory without one. */
  readonly ephemeralStorage?: Size;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeout: number;
  /** Two tasks must never run at once, during deployments neither. */
  readonly single: boolean;
  /** Whether ECS may stop a task to move it to another zone. */
  readonly rebalanced: boolean;
  /** Whether the scaler sets how many tasks there are. */
  readonly scaled: boolean;
  readonly capacity?: WorkerCapacity;

  /** Connections to the database that each of its tasks opens at most, health checks aside. */
  connections(environment: Record<string, string>): number;
  /** Variables of this component alone. */
  environment(deployment: ComponentContext): Record<string, string>;
  healthCheck(deployment: ComponentContext): ecs.HealthCheck;
}

/** What definitions ask about the deployment that the component is part of. */
export interface ComponentContext {
  readonly version: AirflowVersion;
  /** Value of `[core] parallelism`. */
  readonly parallelism: string;
  readonly database: IAirflowDatabase;
  readonly executor: CeleryExecutor;
  /** The variables that users give the component. */
  readonly given: Record<string, string>;
}

/** What most components have in common. */
export const COMPONENT_DEFAULTS = {
  runsDagCode: false,
  web: false,
  clients: [],
  metadataDatabase: false,
  fernetKey: false,
  jwtSecret: false,
  apiSecretKey: false,
  dags: 'configuration' as const,
  taskLogs: 'none' as const,
  cpu: 512,
  memoryLimitMiB: 1024,
  stopTimeout: 60,
  single: false,
  rebalanced: true,
  scaled: false,
  connections: () => 0,
  environment: () => ({}),
} satisfies Partial<ComponentDefinition>;

/** Folders that health checks look at: of what Airflow writes, and of what code of DAGs does. */
export const LOG_FOLDER = '$AIRFLOW__LOGGING__BASE_LOG_FOLDER';
export const TEMPORARY_FOLDER = '${TMPDIR:-/tmp}';
