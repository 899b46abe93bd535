import { expect } from 'expect';
import { Check, COMPONENTS, forEach } from './check';

/** Of everything that runs Airflow. */
const BASE = [
  'AIRFLOW_CONFIG',
  'AIRFLOW_CONN_AWS_DEFAULT',
  'AIRFLOW__API_AUTH__JWT_ISSUER',
  'AIRFLOW__CORE__AUTH_MANAGER',
  'AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT',
  'AIRFLOW__CORE__DEFAULT_TASK_RETRIES',
  'AIRFLOW__CORE__EXECUTION_API_SERVER_URL',
  'AIRFLOW__CORE__EXECUTOR',
  'AIRFLOW__CORE__HOSTNAME_CALLABLE',
  'AIRFLOW__CORE__LOAD_EXAMPLES',
  'AIRFLOW__LOGGING__BASE_LOG_FOLDER',
  'AIRFLOW__LOGGING__COLORED_CONSOLE_LOG',
  'AIRFLOW__USAGE_DATA_COLLECTION__ENABLED',
  'XDG_CACHE_HOME',
];
/** Of all components. The migration does not read DAGs. */
const SHARED = [...BASE, 'AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST', 'AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH'];
const METADATA = ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC'];
const TASK_LOGS = [
  'AIRFLOW__LOGGING__DELETE_LOCAL_LOGS',
  'AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER',
  'AIRFLOW__LOGGING__REMOTE_LOGGING',
  'AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID',
];
const CELERY = [
  'AIRFLOW__CELERY__BROKER_URL',
  'AIRFLOW__CELERY__RESULT_BACKEND',
  'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__HEALTH_CHECK_INTERVAL',
  'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT',
  'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_KEEPALIVE',
  'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT',
  'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT',
];

const VARIABLES = {
  'web-server': [...SHARED, ...METADATA, ...TASK_LOGS, 'AIRFLOW__API__EXPOSE_CONFIG', 'AIRFLOW__FAB__ENABLE_PROXY_FIX', 'FORWARDED_ALLOW_IPS'],
  'scheduler': [
    ...SHARED, ...METADATA, ...CELERY,
    'AIRFLOW__CELERY__EXTRA_CELERY_CONFIG', 'AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES', 'AIRFLOW__CORE__PARALLELISM',
    'AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK', 'AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL',
    'AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL',
  ],
  'dag-processor': [
    ...SHARED, ...METADATA, 'AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY', 'AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET',
    'AIRFLOW__LOGGING__NAMESPACE_LEVELS',
  ],
  'triggerer': [...SHARED, ...METADATA, ...TASK_LOGS],
  'worker': [
    ...SHARED, ...CELERY, ...TASK_LOGS,
    'AIRFLOW__CELERY__WORKER_CONCURRENCY', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'AIRFLOW__WORKERS__EXECUTION_API_RETRIES', 'AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX',
    'AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MIN', 'AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS', 'CONNECTION_CHECK_MAX_COUNT', 'DUMB_INIT_SETSID',
  ],
  'flower': [
    ...SHARED, 'AIRFLOW__CELERY__BROKER_URL', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'AIRFLOW_FLOWER_USERNAME',
    'CONNECTION_CHECK_MAX_COUNT',
  ],
  'redis': [],
  'databases': ['CONNECTION_CHECK_MAX_COUNT', 'PGSSLMODE'],
  'migrate': [...BASE, ...METADATA, 'CONNECTION_CHECK_MAX_COUNT'],
  'admin': [...BASE, ...METADATA, 'CONNECTION_CHECK_MAX_COUNT', 'AIRFLOW_ADMIN_USERNAME', 'PGSSLMODE'],
};

// outages: measured
const BROKER_TIMEOUTS = {
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT: '15',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT: '5',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_KEEPALIVE: 'True',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__HEALTH_CHECK_INTERVAL: '10',
  // Airflow's default, a day: without it every process warns at its start
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT: '86400',
};
const LOGS_IN_S3 = {
  AIRFLOW__LOGGING__REMOTE_LOGGING: 'True',
  AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER: 's3://${AirflowTaskLogsBucket59D1D076}/logs',
  AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID: 'aws_default',
  AIRFLOW__LOGGING__DELETE_LOCAL_LOGS: 'True',
};

/** Values that have to be these. */
const VALUES: Record<string, Record<string, string>> = {
  'worker': {
    // the signal to stop is for Celery's first process alone, which lets running tasks end
    DUMB_INIT_SETSID: '0',
    // 4 GiB: half a GiB for itself, half a GiB for each task
    AIRFLOW__CELERY__WORKER_CONCURRENCY: '7',
    // there is no metadata database to wait for
    CONNECTION_CHECK_MAX_COUNT: '0',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'sqlite://',
    // outages: measured
    AIRFLOW__WORKERS__EXECUTION_API_RETRIES: '14',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MIN: '15',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX: '15',
    AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS: '1',
    ...BROKER_TIMEOUTS,
    ...LOGS_IN_S3,
  },
  'scheduler': {
    ...BROKER_TIMEOUTS,
    AIRFLOW__CORE__PARALLELISM: '32',
    AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK: 'True',
    AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL: '60',
    AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL: '30',
    AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES: '100',
    AIRFLOW__CELERY__EXTRA_CELERY_CONFIG: '{"task_publish_retry_policy":{"max_retries":null,"interval_start":0.2,"interval_step":0.2,"interval_max":0.5}}',
  },
  'dag-processor': {
    AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET: 'stdout',
    AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY: '/var/tmp/logs/dag_processor',
    AIRFLOW__LOGGING__NAMESPACE_LEVELS: 'airflow.dag_processing.dagbag=WARNING',
  },
  'web-server': { ...LOGS_IN_S3, AIRFLOW__API__EXPOSE_CONFIG: 'False', AIRFLOW__FAB__ENABLE_PROXY_FIX: 'True', FORWARDED_ALLOW_IPS: '*' },
  'triggerer': LOGS_IN_S3,
  'flower': {
    CONNECTION_CHECK_MAX_COUNT: '0',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'sqlite://',
    AIRFLOW_FLOWER_USERNAME: 'admin',
  },
  // the first container waits for the database, with a script of its own
  'databases': { CONNECTION_CHECK_MAX_COUNT: '0', PGSSLMODE: 'require' },
  'migrate': { CONNECTION_CHECK_MAX_COUNT: '0' },
  'admin': { CONNECTION_CHECK_MAX_COUNT: '0', AIRFLOW_ADMIN_USERNAME: 'admin', PGSSLMODE: 'require' },
};

const ADDRESS = '${AirflowDatabaseCluster390DDA42.Endpoint.Address}:5432';
const TCP = 'connect_timeout=10&keepalives_idle=20&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=30000';

export const ENVIRONMENT: Check[] = [
  ...forEach(VARIABLES, container => `${container} has exactly these variables`, ({ containers }, container, names) => {
    expect(Object.keys(containers[container].environment).sort()).toEqual([...names].sort());
  }),
  ...forEach(VALUES, container => `settings of ${container}`, ({ containers }, container, values) => {
    expect(containers[container].environment).toMatchObject(values);
  }),
  {
    name: 'values of all components are the same, and those of the migration',
    check({ containers }) {
      for (const name of BASE) {
        const values = [...COMPONENTS, 'migrate', 'admin'].map(container => containers[container].environment[name]);
        expect([name, ...new Set(values)]).toEqual([name, containers.worker.environment[name]]);
      }
      const bundles = COMPONENTS.map(component => containers[component].environment.AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST);
      expect(new Set(bundles).size).toBe(1);
      expect(containers.worker.environment.AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH).toBe('/var/tmp/dag-bundles');
      expect(containers.worker.environment).toMatchObject({
        AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor',
        AIRFLOW__CORE__AUTH_MANAGER: 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager',
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL: 'http://webserver.airflow:8080/execution/',
        AIRFLOW__CORE__HOSTNAME_CALLABLE: 'airflow.utils.net.get_host_ip_address',
        AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '1',
        // no limit: parallelism is one
        AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT: '-1',
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        // tokens of another Airflow are refused
        AIRFLOW__API_AUTH__JWT_ISSUER: 'StackAirflowClusterEA4B7A5F',
        AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: 'False',
        AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
        AIRFLOW_CONN_AWS_DEFAULT: 'aws://',
        // the only places that can be written to
        AIRFLOW_CONFIG: '/dev/null',
        AIRFLOW__LOGGING__BASE_LOG_FOLDER: '/var/tmp/logs',
        XDG_CACHE_HOME: '/tmp/.cache',
      });
    },
  },
  {
    name: 'metadata database: with TLS, and without waiting for dead connections',
    check({ containers }) {
      for (const container of ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'migrate', 'admin']) {
        expect(containers[container].environment).toMatchObject({
          AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `postgresql+psycopg2://airflow:$AIRFLOW_DB_PASSWORD@${ADDRESS}/airflow?sslmode=require&${TCP}`,
          AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC: `postgresql+asyncpg://airflow:$AIRFLOW_DB_PASSWORD@${ADDRESS}/airflow?ssl=require`,
        });
      }
    },
  },
  {
    name: 'scheduler and worker agree on broker and result backend to the letter',
    check({ containers }) {
      const { AIRFLOW__CELERY__RESULT_BACKEND, AIRFLOW__CELERY__BROKER_URL } = containers.scheduler.environment;

      expect(AIRFLOW__CELERY__RESULT_BACKEND)
        .toBe(`db+postgresql+psycopg2://airflow_results:$AIRFLOW_RESULT_DB_PASSWORD@${ADDRESS}/airflow_results?sslmode=require&${TCP}`);
      expect(AIRFLOW__CELERY__BROKER_URL).toBe('redis://:$AIRFLOW_REDIS_PASSWORD@redis.airflow:6379/0');
      expect(containers.worker.environment).toMatchObject({ AIRFLOW__CELERY__RESULT_BACKEND, AIRFLOW__CELERY__BROKER_URL });
      expect(containers.flower.environment).toMatchObject({ AIRFLOW__CELERY__BROKER_URL });
    },
  },
  {
    name: 'a password in a URL is a secret of the same container',
    check({ containers }) {
      for (const [container, { environment, secrets }] of Object.entries(containers)) {
        const used = Object.values(environment).flatMap(value => [...value.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name));
        expect([container, ...used.filter(name => !(name in secrets) && !(name in environment))]).toEqual([container]);
      }
    },
  },
];
