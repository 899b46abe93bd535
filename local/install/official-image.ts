import { readFileSync } from 'node:fs';
import { AIRFLOW_VERSION } from './airflow-version';
import { packageFile } from './package-files';

/** `AIRFLOW_EXTRAS` of the official image's Dockerfile, as of 3.1.5. */
const EXTRAS = [
  'aiobotocore', 'amazon', 'async', 'celery', 'cncf-kubernetes', 'common-io', 'common-messaging', 'docker', 'elasticsearch', 'fab', 'ftp', 'git', 'google',
  'google-auth', 'graphviz', 'grpc', 'hashicorp', 'http', 'ldap', 'microsoft-azure', 'mysql', 'odbc', 'openlineage', 'pandas', 'postgres', 'redis', 'sendgrid',
  'sftp', 'slack', 'snowflake', 'ssh', 'statsd', 'uv',
];

/** Extras that are no provider: their distribution, and what code imports of it. */
const LIBRARIES: Record<string, { distribution: string; module: string }> = {
  'aiobotocore': { distribution: 'aiobotocore', module: 'aiobotocore' },
  'async': { distribution: 'gevent', module: 'gevent' },
  'google-auth': { distribution: 'google-auth', module: 'google.auth' },
  'graphviz': { distribution: 'graphviz', module: 'graphviz' },
  'ldap': { distribution: 'python-ldap', module: 'ldap' },
  'pandas': { distribution: 'pandas', module: 'pandas' },
  'statsd': { distribution: 'statsd', module: 'statsd' },
  'uv': { distribution: 'uv', module: 'uv' },
};

/** Python modules that the official image has and the local run has not: the image's extras without what the lock file has. */
export function missingModules(): string[] {
  const lock = readFileSync(packageFile(`data/airflow-${AIRFLOW_VERSION}.lock`), 'utf-8');
  const locked = new Set([...lock.matchAll(/^([\w.-]+)==/gm)].map(([, name]) => name.toLowerCase()));
  return EXTRAS
    .map(extra => LIBRARIES[extra] ?? { distribution: `apache-airflow-providers-${extra}`, module: `airflow.providers.${extra.replaceAll('-', '.')}` })
    .filter(({ distribution }) => !locked.has(distribution))
    .map(({ module }) => module);
}
