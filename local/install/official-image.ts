import { readFileSync } from 'node:fs';
import { AIRFLOW_VERSION } from './airflow-version';
import { packageFile } from './package-files';

/**
 * `AIRFLOW_EXTRAS` of the official image's Dockerfile, of Airflow 3.3. Each is a provider, with what code imports of its clients (module by distribution)
 * or `LIBRARIES` only.
 */
const EXTRAS: Record<string, Record<string, string>> = {
  'aiobotocore': { aiobotocore: 'aiobotocore' },
  'amazon': {},
  'async': { eventlet: 'eventlet', gevent: 'gevent' },
  'celery': {},
  'cncf-kubernetes': { 'kubernetes': 'kubernetes', 'kubernetes-asyncio': 'kubernetes_asyncio' },
  'common-io': {},
  'common-messaging': {},
  'docker': { docker: 'docker' },
  'elasticsearch': { elasticsearch: 'elasticsearch' },
  'fab': {},
  'ftp': {},
  'git': { gitpython: 'git' },
  'google': {
    'gcsfs': 'gcsfs',
    'google-ads': 'google.ads',
    'google-api-python-client': 'googleapiclient',
    'google-auth': 'google.auth',
    'google-cloud-storage': 'google.cloud',
    'pandas-gbq': 'pandas_gbq',
  },
  'google-auth': { authlib: 'authlib' },
  'graphviz': { graphviz: 'graphviz' },
  'grpc': { grpcio: 'grpc' },
  'hashicorp': { hvac: 'hvac' },
  'http': { requests: 'requests' },
  'ldap': { 'python-ldap': 'ldap' },
  'microsoft-azure': { 'adlfs': 'adlfs', 'azure-core': 'azure', 'msal': 'msal', 'msgraph-core': 'msgraph_core' },
  'mysql': { 'mysql-connector-python': 'mysql', 'mysqlclient': 'MySQLdb' },
  'odbc': { pyodbc: 'pyodbc' },
  'openlineage': { 'openlineage-python': 'openlineage' },
  'opensearch': { 'opensearch-py': 'opensearchpy' },
  'pandas': { numpy: 'numpy', pandas: 'pandas' },
  'postgres': { 'psycopg2-binary': 'psycopg2' },
  'redis': { redis: 'redis' },
  'sendgrid': { sendgrid: 'sendgrid' },
  'sftp': { asyncssh: 'asyncssh' },
  'slack': { 'slack-sdk': 'slack_sdk' },
  'snowflake': { 'pyarrow': 'pyarrow', 'snowflake-connector-python': 'snowflake' },
  'ssh': { paramiko: 'paramiko' },
  'statsd': { statsd: 'statsd' },
  'uv': { pip: 'pip', uv: 'uv' },
};

/** Extras that are no provider. */
const LIBRARIES = ['aiobotocore', 'async', 'google-auth', 'graphviz', 'ldap', 'pandas', 'statsd', 'uv'];

/** Python modules that the official image has and the local run has not: the image's extras without what the lock file has. */
export function missingModules(): string[] {
  const lock = readFileSync(packageFile(`data/airflow-${AIRFLOW_VERSION}.lock`), 'utf-8');
  const locked = new Set([...lock.matchAll(/^([\w.-]+)==/gm)].map(([, name]) => name.toLowerCase()));
  return Object.entries(EXTRAS)
    .flatMap(([extra, clients]) => [...LIBRARIES.includes(extra) ? [] : [providerOf(extra)], ...Object.entries(clients)])
    .filter(([distribution]) => !locked.has(distribution))
    .map(([, module]) => module);
}

function providerOf(extra: string): [string, string] {
  return [`apache-airflow-providers-${extra}`, `airflow.providers.${extra.replaceAll('-', '.')}`];
}
