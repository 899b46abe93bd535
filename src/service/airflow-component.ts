import { ComponentDefinition } from './component-definition';
import { outageTolerance } from './shared-environment';
import { healthCheck, httpCheck, jobCheck, workerCheck } from '../fargate/health-check';
import { AirflowVersion } from '../version/airflow-version';

/** What most components have in common. */
const DEFAULTS = {
  clients: [],
  metadataDatabase: false,
  resultDatabase: false,
  broker: false,
  fernetKey: false,
  jwtSecret: false,
  apiSecretKey: false,
  flowerPassword: false,
  dags: 'configuration' as const,
  taskLogs: 'none' as const,
  runsTasks: false,
  cpu: 512,
  memoryLimitMiB: 1024,
  stopTimeout: 60,
  single: false,
  rebalanced: true,
  environment: () => ({}),
} satisfies Partial<ComponentDefinition>;

/** A connection to Redis that is dead without a reset is noticed after 70 s; by default a worker on one never consumes anything again. */
const BROKER_TRANSPORT = {
  // Airflow's default: without it every process warns at its start
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT: '86400',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT: '15',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT: '5',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_KEEPALIVE: 'True',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__HEALTH_CHECK_INTERVAL: '10',
};

/**
 * A part of Airflow that runs as its own service.
 *
 * Which credentials, permissions and network connections a service has follows from its component.
 */
export class AirflowComponent {
  /** The API server: web interface, REST API, and the API that workers report to. Private name `webserver`, port 8080. */
  public static readonly WEB_SERVER = new AirflowComponent({
    ...DEFAULTS,
    name: 'web-server',
    command: ['api-server', '--proxy-headers'],
    port: 8080,
    privateName: 'webserver',
    clients: ['worker'],
    metadataDatabase: true,
    fernetKey: true,
    jwtSecret: true,
    apiSecretKey: true,
    taskLogs: 'read',
    environment: () => ({
      AIRFLOW__API__EXPOSE_CONFIG: 'False',
      // behind a load balancer its headers count; nobody else reaches the port
      AIRFLOW__FAB__ENABLE_PROXY_FIX: 'True',
      FORWARDED_ALLOW_IPS: '*',
    }),
    // This path makes the server build the routes that workers call, which takes seconds, before it counts as healthy. While the database does
    // not answer, the path does not either: with fewer retries a fail-over of the database would replace healthy servers.
    healthCheck: () => healthCheck(httpCheck('http://localhost:8080/execution/health'), { interval: 30, timeout: 10, retries: 10, startPeriod: 120 }),
  });

  /** The scheduler. */
  public static readonly SCHEDULER = new AirflowComponent({
    ...DEFAULTS,
    name: 'scheduler',
    command: ['scheduler'],
    metadataDatabase: true,
    resultDatabase: true,
    broker: true,
    fernetKey: true,
    jwtSecret: true,
    environment: (_, deployment) => ({
      ...BROKER_TRANSPORT,
      AIRFLOW__CORE__PARALLELISM: deployment.parallelism(),
      AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK: 'True',
      // adopts the tasks of a lost scheduler within a minute instead of five
      AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL: '60',
      // Airflow retries only a publish that timed out, and fails the task of a refused one: Celery's endless retry makes the one of the other
      AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES: '100',
      AIRFLOW__CELERY__EXTRA_CELERY_CONFIG: JSON.stringify({
        task_publish_retry_policy: { max_retries: null, interval_start: 0.2, interval_step: 0.2, interval_max: 0.5 },
      }),
    }),
    // a burst of tasks while Redis is away makes it red for 110 s
    healthCheck: () => healthCheck(httpCheck('http://localhost:8974/health'), { interval: 30, timeout: 10, retries: 5, startPeriod: 120 }),
  });

  /** The DAG processor, which runs the DAG files to learn what is in them. */
  public static readonly DAG_PROCESSOR = new AirflowComponent({
    ...DEFAULTS,
    name: 'dag-processor',
    command: ['dag-processor'],
    metadataDatabase: true,
    fernetKey: true,
    dags: 'read',
    environment: () => ({
      AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET: 'stdout',
      // It writes each line into a file as well, which nobody deletes. Without the one that it writes whenever it reads a DAG file these files stay empty.
      AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY: '/tmp/logs/dag_processor',
      AIRFLOW__LOGGING__NAMESPACE_LEVELS: 'airflow.dag_processing.dagbag=WARNING',
    }),
    healthCheck: ({ database }) => healthCheck(jobCheck('DagProcessorJob', database), { interval: 30, timeout: 15, retries: 6, startPeriod: 120 }),
  });

  /** The triggerer, which waits for the events that deferred tasks wait for. */
  public static readonly TRIGGERER = new AirflowComponent({
    ...DEFAULTS,
    name: 'triggerer',
    command: ['triggerer'],
    port: 8794,
    clients: ['web-server'],
    metadataDatabase: true,
    fernetKey: true,
    apiSecretKey: true,
    taskLogs: 'write',
    healthCheck: ({ database }) => healthCheck(jobCheck('TriggererJob', database), { interval: 30, timeout: 15, retries: 6, startPeriod: 120 }),
    cpu: 256,
  });

  /** A Celery worker, which runs tasks. It has no access to the metadata database, the Fernet key or the JWT secret. */
  public static readonly WORKER = new AirflowComponent({
    ...DEFAULTS,
    name: 'worker',
    command: ['celery', 'worker'],
    port: 8793,
    clients: ['web-server'],
    resultDatabase: true,
    broker: true,
    apiSecretKey: true,
    dags: 'read',
    taskLogs: 'write',
    runsTasks: true,
    environment: ({ version = AirflowVersion.V3_3_2 }) => ({
      ...BROKER_TRANSPORT,
      ...outageTolerance(version),
      // SIGTERM reaches Celery only, which lets running tasks end
      DUMB_INIT_SETSID: '0',
    }),
    // lenient, because a red check kills running tasks: a worker needs up to 48 s to be back after an outage of Redis
    healthCheck: ({ broker }) => healthCheck(workerCheck(broker.url), { interval: 60, timeout: 20, retries: 5, startPeriod: 120 }),
    cpu: 1024,
    memoryLimitMiB: 4096,
    stopTimeout: 120,
    rebalanced: false,
  });

  /** Flower, the monitor of the Celery workers. Private name `flower`, port 5555. */
  public static readonly FLOWER = new AirflowComponent({
    ...DEFAULTS,
    name: 'flower',
    command: ['celery', 'flower'],
    port: 5555,
    privateName: 'flower',
    broker: true,
    flowerPassword: true,
    healthCheck: () => healthCheck(httpCheck('http://localhost:5555/healthcheck'), { interval: 30, timeout: 5, retries: 5, startPeriod: 60 }),
    cpu: 256,
    memoryLimitMiB: 512,
    stopTimeout: 30,
    single: true,
    rebalanced: false,
  });

  /** Name of the component, which its container has too. */
  public readonly name: string;

  /** @internal */
  public readonly _definition: ComponentDefinition;

  private constructor(definition: ComponentDefinition) {
    this.name = definition.name;
    this._definition = definition;
  }
}
