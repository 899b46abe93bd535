import { COMPONENT_DEFAULTS as DEFAULTS, ComponentDefinition, LOG_FOLDER, TEMPORARY_FOLDER } from './component-definition';
import { airflowCommand } from '../container/airflow-command';
import { flowerPrefix } from '../container/reserved-variables';
import { connectionsOfPool, setting } from '../database/connection-budget';
import { jobCheck } from '../database/job-check';
import { FLOWER } from '../executor/flower';
import { SEND_AGAIN } from '../executor/send-again';
import { healthCheck, httpCheck, roomCheck } from '../fargate/health-check';

/** Where nobody removes what code of DAGs leaves behind, a new task has to. */
const ROOM = roomCheck(LOG_FOLDER, TEMPORARY_FOLDER);

const API_SERVER_CHECKED = { interval: 30, timeout: 10, retries: 10, startPeriod: 120 };

/** Of each kind of API server: it reads and writes what Airflow knows, and checks and signs tokens. */
const API_SERVER = {
  ...DEFAULTS,
  port: 8080,
  metadataDatabase: true,
  fernetKey: true,
  jwtSecret: true,
  // one pool of either kind, psycopg2's and an asynchronous one
  connections: (environment: Record<string, string>) => 2 * connectionsOfPool(environment) * setting(environment, 'AIRFLOW__API__WORKERS', 1),
  // This path makes the server build the routes that workers call, which takes seconds, before it counts as healthy. While the database does
  // not answer, the path does not either: with fewer retries a fail-over of the database would replace healthy servers.
  healthCheck: () => healthCheck(httpCheck('http://localhost:8080/execution/health'), API_SERVER_CHECKED),
} satisfies Partial<ComponentDefinition>;

const WEB_SERVER: ComponentDefinition = {
  ...API_SERVER,
  name: 'web-server',
  command: ['api-server', '--proxy-headers'],
  privateName: 'webserver',
  web: true,
  clients: ['worker'],
  apiSecretKey: true,
  taskLogs: 'read',
  environment: () => ({
    AIRFLOW__API__EXPOSE_CONFIG: 'False',
    // behind a load balancer its headers count; nobody else reaches the port
    AIRFLOW__FAB__ENABLE_PROXY_FIX: 'True',
    FORWARDED_ALLOW_IPS: '*',
  }),
  // a reader of a log takes six times its size, and without this server workers do not know what to do: docs/soak.md
  memoryLimitMiB: 2048,
};

/**
 * A part of Airflow that runs as its own service. Workers are an AirflowWorkerPool.
 *
 * Which credentials, permissions and network connections a service has follows from its component.
 */
export class AirflowComponent {
  /** The API server: web interface, REST API, and the API that workers report to. Private name `webserver`, port 8080. */
  public static readonly WEB_SERVER = new AirflowComponent(WEB_SERVER);

  /** A web server beside EXECUTION_API: web interface and REST API, and workers do not reach it. Private name `webserver`, port 8080. */
  public static readonly USER_INTERFACE = new AirflowComponent({
    ...WEB_SERVER,
    command: ['api-server', '--apps', 'core', '--proxy-headers'],
    clients: [],
    healthCheck: () => healthCheck(httpCheck('http://localhost:8080/api/v2/version'), API_SERVER_CHECKED),
  });

  /** The API that workers report to, as a service of its own: without web interface, REST API and task logs. Private name `execution-api`, port 8080. */
  public static readonly EXECUTION_API = new AirflowComponent({
    ...API_SERVER,
    name: 'execution-api',
    command: ['api-server', '--apps', 'execution'],
    privateName: 'execution-api',
    clients: ['worker'],
  });

  /** The scheduler. */
  public static readonly SCHEDULER = new AirflowComponent({
    ...DEFAULTS,
    name: 'scheduler',
    command: airflowCommand(['scheduler'], [SEND_AGAIN]),
    metadataDatabase: true,
    executor: 'scheduler',
    fernetKey: true,
    jwtSecret: true,
    connections: environment => connectionsOfPool(environment) + 1, // one for results
    environment: ({ parallelism }) => ({
      AIRFLOW__CORE__PARALLELISM: parallelism,
      AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK: 'True',
      // adopts the tasks of a lost scheduler within a minute instead of five
      AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL: '60',
      // tasks whose messages are lost nevertheless: see SEND_AGAIN
      AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL: '30',
    }),
    // a burst of tasks while Redis is away makes it red for 110 s
    healthCheck: () => healthCheck(httpCheck('http://localhost:8974/health'), { interval: 30, timeout: 10, retries: 5, startPeriod: 120 }),
  });

  /** The DAG processor, which runs the DAG files to learn what is in them. */
  public static readonly DAG_PROCESSOR = new AirflowComponent({
    ...DEFAULTS,
    name: 'dag-processor',
    command: ['dag-processor'],
    runsDagCode: true,
    metadataDatabase: true,
    fernetKey: true,
    dags: 'read',
    connections: connectionsOfPool,
    environment: () => ({
      AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET: 'stdout',
      // It writes each line into a file as well, which nobody deletes. Without the one that it writes whenever it reads a DAG file these files stay empty.
      AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY: '/var/tmp/logs/dag_processor',
      AIRFLOW__LOGGING__NAMESPACE_LEVELS: 'airflow.dag_processing.dagbag=WARNING',
    }),
    healthCheck: ({ database }) => healthCheck(`${ROOM} && ${jobCheck('DagProcessorJob', database)}`, { interval: 30, timeout: 15, retries: 6, startPeriod: 120 }),
  });

  /** The triggerer, which waits for the events that deferred tasks wait for. */
  public static readonly TRIGGERER = new AirflowComponent({
    ...DEFAULTS,
    name: 'triggerer',
    command: ['triggerer'],
    runsDagCode: true,
    port: 8794,
    clients: ['web-server'],
    metadataDatabase: true,
    fernetKey: true,
    apiSecretKey: true,
    taskLogs: 'write',
    connections: connectionsOfPool,
    healthCheck: ({ database }) => healthCheck(`${ROOM} && ${jobCheck('TriggererJob', database)}`, { interval: 30, timeout: 15, retries: 6, startPeriod: 120 }),
    cpu: 256,
  });

  /** Flower, the monitor of the Celery workers, without the tokens of their tasks. Private name `flower`, port 5555. */
  public static readonly FLOWER = new AirflowComponent({
    ...DEFAULTS,
    name: 'flower',
    web: true,
    command: ['python', '-c', FLOWER],
    port: 5555,
    privateName: 'flower',
    executor: 'flower',
    healthCheck: ({ given }) => healthCheck(httpCheck(`http://localhost:5555${flowerPrefix(given)}/healthcheck`), { interval: 30, timeout: 5, retries: 5, startPeriod: 60 }),
    cpu: 256,
    memoryLimitMiB: 512,
    stopTimeout: 30,
    single: true,
    rebalanced: false,
  });

  /** @internal */
  public static _of(definition: ComponentDefinition): AirflowComponent {
    return new AirflowComponent(definition);
  }

  /** Name of the component, which its container has too. */
  public readonly name: string;

  /** @internal */
  public readonly _definition: ComponentDefinition;

  private constructor(definition: ComponentDefinition) {
    this.name = definition.name;
    this._definition = definition;
  }
}
