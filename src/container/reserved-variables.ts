import { Token } from 'aws-cdk-lib';

const IMAGE = 'it is a variable of the image\'s entry point';
const DATABASE = 'use property database';
const SECRETS = 'use property secrets';
const TASK_LOGS = 'use property taskLogs';
const CONCURRENCY = 'use property concurrency of the workers';

/** Variables that belong to the library or to the image, and what to use instead. Every other setting of Airflow can be given. */
const RESERVED: Record<string, string> = {
  AIRFLOW__CORE__EXECUTOR: 'tasks run by the CeleryExecutor',
  AIRFLOW__CORE__EXECUTION_API_SERVER_URL: 'it is the private name of the web server',
  AIRFLOW__CORE__HOSTNAME_CALLABLE: 'live logs need the address of the task',
  AIRFLOW__CORE__FERNET_KEY: 'use property fernetKey',
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: DATABASE,
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC: DATABASE,
  AIRFLOW__CELERY__BROKER_URL: 'use property broker',
  AIRFLOW__CELERY__RESULT_BACKEND: DATABASE,
  AIRFLOW__CELERY__FLOWER_BASIC_AUTH: SECRETS,
  FLOWER_BASIC_AUTH: SECRETS,
  AIRFLOW__CELERY__WORKER_CONCURRENCY: CONCURRENCY,
  AIRFLOW__CELERY__WORKER_AUTOSCALE: CONCURRENCY,
  AIRFLOW__API_AUTH__JWT_SECRET: SECRETS,
  AIRFLOW__API_AUTH__JWT_ISSUER: 'it names this deployment',
  AIRFLOW__API__SECRET_KEY: SECRETS,
  AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: 'use property dags',
  AIRFLOW__CORE__DAGS_FOLDER: 'use property dags',
  AIRFLOW__LOGGING__REMOTE_LOGGING: TASK_LOGS,
  AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER: TASK_LOGS,
  AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID: TASK_LOGS,
  AIRFLOW__LOGGING__DELETE_LOCAL_LOGS: TASK_LOGS,
  AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK: 'the health check needs it',
  AIRFLOW_CONN_AWS_DEFAULT: 'DAG bundles and task logs use it with the task role; give your connection another id',
  AIRFLOW_DB_PASSWORD: SECRETS,
  AIRFLOW_RESULT_DB_PASSWORD: SECRETS,
  AIRFLOW_REDIS_PASSWORD: SECRETS,
  AIRFLOW_FLOWER_PASSWORD: SECRETS,
  AIRFLOW_FLOWER_USERNAME: SECRETS,
  AIRFLOW_JWT_SECRET: SECRETS,
  AIRFLOW_API_SECRET_KEY: SECRETS,
  AIRFLOW_ADMIN_PASSWORD: SECRETS,
  AIRFLOW_ADMIN_USERNAME: SECRETS,
  DUMB_INIT_SETSID: IMAGE,
  CONNECTION_CHECK_MAX_COUNT: IMAGE,
  DB_HOST: IMAGE,
  DB_PORT: IMAGE,
  BACKEND: IMAGE,
  USER_NAME: IMAGE,
};

/** Refuses variables that the library or the image owns, as they are or in Airflow's forms that take a command or a secret. */
export function validateVariables(property: string, variables: Record<string, unknown>): void {
  for (const name of Object.keys(variables)) {
    const instead = Token.isUnresolved(name) ? undefined : RESERVED[name] ?? RESERVED[name.replace(/_(CMD|SECRET)$/, '')];
    if (instead) {
      throw new Error(`property ${property} must not contain ${name}: ${instead}`);
    }
  }
}
