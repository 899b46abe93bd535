import { Fn, Size, Token, Tokenization } from 'aws-cdk-lib';
import { healthCheck, roomCheck } from '../fargate/health-check';
import type { WorkerCapacity } from '../scaling/worker-capacity';
import { AirflowComponent } from '../service/airflow-component';
import { COMPONENT_DEFAULTS, ComponentDefinition, LOG_FOLDER } from '../service/component-definition';
import type { AirflowVersion } from '../version/airflow-version';

/** What tells pools of workers from each other. */
export interface WorkerComponentProps {
  /** @default - the name of the component */
  readonly containerName?: string;
  /** @default - Airflow's default queue */
  readonly queues?: string[];
  /** How many tasks of DAGs each worker runs at once. */
  readonly concurrency: number;
  readonly capacity?: WorkerCapacity;
  readonly ephemeralStorage?: Size;
  /** Whether the scaler sets how many there are. */
  readonly scaled: boolean;
}

/** A Celery worker, before its number of slots is known. It has no access to the metadata database, the Fernet key or the JWT secret. */
export const WORKER: Omit<ComponentDefinition, 'environment'> = {
  ...COMPONENT_DEFAULTS,
  name: 'worker',
  command: ['celery', 'worker'],
  runsDagCode: true,
  port: 8793,
  clients: ['web-server'],
  executor: 'worker',
  apiSecretKey: true,
  dags: 'read',
  taskLogs: 'write',
  // Lenient, because a red check kills running tasks: a worker needs up to 48 s to be back after an outage of Redis. A task may fill the temporary
  // folder, which is emptied after it.
  healthCheck: ({ executor }) => healthCheck(`${roomCheck(LOG_FOLDER)} && ${executor.workerCheck}`, { interval: 60, timeout: 20, retries: 5, startPeriod: 120 }),
  cpu: 1024,
  memoryLimitMiB: 4096,
  stopTimeout: 120,
  rebalanced: false,
};

/** The workers of a pool. */
export function workerComponent(
  { containerName, queues, concurrency, capacity, ephemeralStorage, scaled }: WorkerComponentProps,
): AirflowComponent {
  return AirflowComponent._of({
    ...WORKER,
    containerName,
    capacity,
    ephemeralStorage,
    scaled,
    command: queues ? [...WORKER.command, '--queues', Fn.join(',', queues)] : WORKER.command,
    // each process that runs tasks writes their results, and so does the one that starts them
    connections: () => Token.isUnresolved(concurrency) ? 0 : concurrency + 1,
    environment: ({ version }) => ({
      ...outageTolerance(version),
      AIRFLOW__CELERY__WORKER_CONCURRENCY: Tokenization.stringifyNumber(concurrency),
      // SIGTERM reaches Celery only, which lets running tasks end
      DUMB_INIT_SETSID: '0',
    }),
  });
}

/**
 * How long a worker tries to reach the API server. A 45 s outage kills every running task with Airflow's defaults, and a new task of the only web server
 * can take 150 s. One request that is tried for 195 s (265 s where packets vanish) lets tasks run, start and end through that, and a worker still gives up
 * before the scheduler takes its tasks for lost (300 s), so that no second copy starts; a second failed heartbeat would come too late for that.
 * Measured by bench/outage.ts. Newer releases count failed heartbeats in another way: they keep Airflow's defaults.
 */
function outageTolerance(version: AirflowVersion): Record<string, string> {
  return version._measured ? {
    AIRFLOW__WORKERS__EXECUTION_API_RETRIES: '14',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MIN: '15',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX: '15',
    AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS: '1',
  } : {};
}
