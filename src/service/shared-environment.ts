import { Names } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import type { IAirflowDatabase } from '../database/airflow-database';
import type { AirflowSecrets } from '../secrets/airflow-secrets';
import { pythonCommand, urlVariables } from '../secrets/secret-url';
import type { AirflowVersion } from '../version/airflow-version';

/** Names of the databases, and of the roles that use them. */
export const METADATA_DATABASE = 'airflow';
export const RESULT_DATABASE = 'airflow_results';

/** What a brick gives to a container: plain variables, and variables that ECS fills from Secrets Manager when the task starts. */
export interface ContainerVariables {
  readonly environment: Record<string, string>;
  readonly secrets: Record<string, ecs.Secret>;
}

/** A connection that died in a fail-over is given up after 30 s; without these a half-dead one hangs the scheduler for minutes. */
const TCP_OPTIONS = 'connect_timeout=10&keepalives_idle=20&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=30000';

/**
 * The settings that all Airflow processes of a deployment have in common.
 *
 * `[api] base_url` is left out on purpose. Without it every redirect of the web server is relative and the user interface works under any
 * address: the private name, a forwarded port on localhost, a load balancer. With the private name there, logging in through a forwarded
 * port would lead to a host that the browser cannot reach.
 */
export function sharedEnvironment(cluster: AirflowCluster): Record<string, string> {
  return {
    // Airflow writes a file with its defaults where it finds none, and the image is read-only. Every setting is a variable.
    AIRFLOW_CONFIG: '/dev/null',
    AIRFLOW__LOGGING__BASE_LOG_FOLDER: '/tmp/logs',
    // the home folder is read-only; without a cache uv makes no virtual environment
    XDG_CACHE_HOME: '/tmp/.cache',
    AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor',
    AIRFLOW__CORE__AUTH_MANAGER: 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager',
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://${cluster._privateName('webserver')}:8080/execution/`,
    // the address of the network interface, which the web server fetches live logs from; host names depend on the VPC's DNS settings
    AIRFLOW__CORE__HOSTNAME_CALLABLE: 'airflow.utils.net.get_host_ip_address',
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    // a task whose worker is lost fails for good with Airflow's default of 0
    AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '1',
    AIRFLOW__API_AUTH__JWT_ISSUER: Names.uniqueId(cluster),
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: 'False',
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
    // the task role, without asking the metadata database or the API for a connection
    AIRFLOW_CONN_AWS_DEFAULT: 'aws://',
  };
}

/** Access to the metadata database. */
export function metadataDatabase(database: IAirflowDatabase, secrets: AirflowSecrets): ContainerVariables {
  const passwordVariable = 'AIRFLOW_DB_PASSWORD';
  const address = `@${database.hostname}:${database.port}/${METADATA_DATABASE}`;
  const { environment, secrets: passwords } = urlVariables(secrets.database, {
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: {
      prefix: `postgresql+psycopg2://${METADATA_DATABASE}:`, passwordVariable, suffix: `${address}?${tlsOptions(database)}&${TCP_OPTIONS}`,
    },
    // Airflow would derive it from the other one, whose options asyncpg does not know
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC: {
      prefix: `postgresql+asyncpg://${METADATA_DATABASE}:`, passwordVariable, suffix: `${address}?ssl=${database.caBundle ? 'verify-full' : 'require'}`,
    },
  });
  return { environment: { ...environment, ...authorities(database) }, secrets: passwords };
}

/** For libpq. Encrypted in any case, and with the authorities also sure to be the right server. */
function tlsOptions({ caBundle }: IAirflowDatabase): string {
  return caBundle ? `sslmode=verify-full&sslrootcert=${caBundle}` : 'sslmode=require';
}

/** asyncpg takes the file from here only. Not for workers: there it would count for every PostgreSQL connection of a DAG. */
export function authorities({ caBundle }: IAirflowDatabase): Record<string, string> {
  return caBundle ? { PGSSLROOTCERT: caBundle } : {};
}

/**
 * Access to the database of Celery's task results. Scheduler and worker must agree on it to the letter: where they differ, tasks succeed,
 * but the scheduler never learns that their slots are free.
 */
export function resultDatabase(database: IAirflowDatabase, secrets: AirflowSecrets): ContainerVariables {
  return urlVariables(secrets.resultDatabase, {
    AIRFLOW__CELERY__RESULT_BACKEND: {
      prefix: `db+postgresql+psycopg2://${RESULT_DATABASE}:`,
      passwordVariable: 'AIRFLOW_RESULT_DB_PASSWORD',
      suffix: `@${database.hostname}:${database.port}/${RESULT_DATABASE}?${tlsOptions(database)}&${TCP_OPTIONS}`,
    },
  });
}

/**
 * How long a worker tries to reach the API server. A 45 s outage kills every running task with Airflow's defaults. With these values tasks kept
 * running, started and ended through outages of 60 s and more, and a worker still gives up before the scheduler takes its tasks for
 * lost (300 s), so that no second copy starts. Newer releases count failed heartbeats in another way: they keep Airflow's defaults.
 */
export function outageTolerance(version: AirflowVersion): Record<string, string> {
  return version._measured ? {
    AIRFLOW__WORKERS__EXECUTION_API_RETRIES: '11',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MIN: '5',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX: '10',
    AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS: '2',
  } : {};
}

/** Flower's user and password. Flower takes the password as it is: it is not a URL. */
export function flowerLogin(secrets: AirflowSecrets): ContainerVariables {
  return {
    environment: {
      AIRFLOW_FLOWER_USERNAME: 'admin',
      ...secrets.flower._generated
        ? { AIRFLOW__CELERY__FLOWER_BASIC_AUTH: '$AIRFLOW_FLOWER_USERNAME:$AIRFLOW_FLOWER_PASSWORD' }
        : { AIRFLOW__CELERY__FLOWER_BASIC_AUTH_CMD: pythonCommand("import os;print('{AIRFLOW_FLOWER_USERNAME}:{AIRFLOW_FLOWER_PASSWORD}'.format(**os.environ),end='')") },
    },
    secrets: { AIRFLOW_FLOWER_PASSWORD: secrets.flower._toEcsSecret() },
  };
}
