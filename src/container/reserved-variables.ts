import { Token } from 'aws-cdk-lib';

const IMAGE = 'it is a variable of the image\'s entry point';
const DATABASE = 'use property database';
const SECRETS = 'use property secrets';
const TASK_LOGS = 'use property taskLogs';
const BROKER = 'use property broker';
const CHECK = 'the health check asks that address';
const RULES = 'health checks and the rules of security groups have that port';
const ENDPOINT = 'TLS ends at a load balancer: other components and the health check speak plain HTTP';
const HEARTBEAT = 'health checks look for a heartbeat within the last minute';
const FLOWER = 'use the AIRFLOW__CELERY__FLOWER_… settings, which the health check follows';
const CONCURRENCY = 'use property concurrency of the workers';

const FLOWER_URL_PREFIX = 'AIRFLOW__CELERY__FLOWER_URL_PREFIX';

/** Variables that belong to the library or to the image, and what to use instead. Every other setting of Airflow can be given. */
export const RESERVED: Record<string, string> = {
  AIRFLOW__CORE__EXECUTOR: 'tasks run by the CeleryExecutor',
  AIRFLOW__CORE__EXECUTION_API_SERVER_URL: 'it is the private name of the web server',
  AIRFLOW__CORE__HOSTNAME_CALLABLE: 'live logs need the address of the task',
  AIRFLOW__CORE__FERNET_KEY: 'use property fernetKey',
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: DATABASE,
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC: DATABASE,
  AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA: 'health checks read the default schema',
  AIRFLOW__CELERY__BROKER_URL: BROKER,
  AIRFLOW__CELERY__SSL_ACTIVE: BROKER,
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__GLOBAL_KEYPREFIX: 'the health check of workers asks them without a prefix',
  AIRFLOW__CELERY__WORKER_ENABLE_REMOTE_CONTROL: 'the health check of workers asks them by it',
  AIRFLOW__CELERY__RESULT_BACKEND: DATABASE,
  AIRFLOW__CELERY__FLOWER_BASIC_AUTH: SECRETS,
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
  AIRFLOW__API__HOST: CHECK,
  AIRFLOW__API__PORT: RULES,
  AIRFLOW__API__SSL_CERT: ENDPOINT,
  AIRFLOW__API__SSL_KEY: ENDPOINT,
  AIRFLOW__CELERY__FLOWER_HOST: CHECK,
  AIRFLOW__CELERY__FLOWER_PORT: RULES,
  AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT: RULES,
  AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT: RULES,
  AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK: 'the health check needs it',
  AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST: CHECK,
  AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT: RULES,
  AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC: HEARTBEAT,
  AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC: HEARTBEAT,
  FLOWER_PORT: FLOWER,
  FLOWER_ADDRESS: FLOWER,
  FLOWER_UNIX_SOCKET: FLOWER,
  FLOWER_URL_PREFIX: FLOWER,
  FLOWER_CERTFILE: ENDPOINT,
  FLOWER_KEYFILE: ENDPOINT,
  FLOWER_BASIC_AUTH: SECRETS,
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

/** Names that settings had in earlier releases, and that Airflow still reads. */
const FORMER: Record<string, string> = {
  AIRFLOW__WEBSERVER__BASE_URL: 'AIRFLOW__API__BASE_URL',
  AIRFLOW__WEBSERVER__WEB_SERVER_HOST: 'AIRFLOW__API__HOST',
  AIRFLOW__WEBSERVER__WEB_SERVER_PORT: 'AIRFLOW__API__PORT',
  AIRFLOW__WEBSERVER__WEB_SERVER_SSL_CERT: 'AIRFLOW__API__SSL_CERT',
  AIRFLOW__WEBSERVER__WEB_SERVER_SSL_KEY: 'AIRFLOW__API__SSL_KEY',
  AIRFLOW__WEBSERVER__SECRET_KEY: 'AIRFLOW__API__SECRET_KEY',
  AIRFLOW__WORKERS__EXECUTION_API_SERVER_URL: 'AIRFLOW__CORE__EXECUTION_API_SERVER_URL',
  AIRFLOW__CORE__SQL_ALCHEMY_CONN: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN',
};

/** Variables whose values have to be known, because something else follows them. */
const FOLLOWED = ['AIRFLOW__API__BASE_URL', FLOWER_URL_PREFIX];

/** Refuses variables that the library or the image owns, as they are or in Airflow's forms that take a command or a secret. */
export function validateVariables(property: string, variables: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (Token.isUnresolved(name)) { continue; }
    if (!/^[!-<>-~]+$/.test(name)) {
      throw new Error(`property ${property} must have names of variables without spaces and "=", got ${JSON.stringify(name)}`);
    }
    const setting = [name, name.replace(/_(CMD|SECRET)$/, '')]
      .map(form => FORMER[form] ?? form)
      .find(form => form in RESERVED || FOLLOWED.includes(form));
    if (!setting) { continue; }
    if (setting in RESERVED) {
      throw new Error(`property ${property} must not contain ${name}: ${RESERVED[setting]}`);
    }
    if (typeof value !== 'string' || setting !== name) {
      throw new Error(`property ${property} must not contain ${name}: give ${setting} in property environment, because its value has to be known`);
    }
    if (setting === 'AIRFLOW__API__BASE_URL') { validateBaseUrl(property, value); }
    if (setting === FLOWER_URL_PREFIX) { validatePrefix(property, value); }
  }
}

/** With a path the web server answers below it only, where neither workers nor its health check look for it. */
function validateBaseUrl(property: string, url: string): void {
  if (!Token.isUnresolved(url) && !/^https?:\/\/[^/?#]+\/?$/.test(url)) {
    throw new Error(`property ${property} must have a URL without a path in AIRFLOW__API__BASE_URL, such as https://airflow.example.com, got `
      + `${JSON.stringify(url)}: workers and the health check ask the web server at its root, so give it a host name of its own`);
  }
}

/** It becomes a part of the command line of the health check. */
function validatePrefix(property: string, prefix: string): void {
  if (!Token.isUnresolved(prefix) && !/^[\w./-]*$/.test(prefix)) {
    throw new Error(`property ${property} must have letters, digits, "_", "-", "." and "/" only in ${FLOWER_URL_PREFIX}, got ${JSON.stringify(prefix)}`);
  }
}

/** Where Flower answers: `/flower` or nothing, whatever slashes there are in the setting. */
export function flowerPrefix(environment: Record<string, string>): string {
  const prefix = environment[FLOWER_URL_PREFIX] ?? '';
  const name = Token.isUnresolved(prefix) ? prefix : prefix.replace(/^\/+|\/+$/g, '');
  return name && `/${name}`;
}
