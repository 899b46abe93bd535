import type { IAirflowDatabase } from './database';
import type { Binding } from '../binding';
import type { AirflowSecret } from '../secrets/airflow-secret';
import { urlVariables } from '../secrets/secret-url';
import type { AirflowVersion } from '../version/airflow-version';

/** Names of the databases, and of the roles that use them. */
const METADATA_DATABASE = 'airflow';
const RESULT_DATABASE = 'airflow_results';

/** A connection that died in a fail-over is given up after 30 s; without these a half-dead one hangs the scheduler for minutes. */
const TCP_OPTIONS = 'connect_timeout=10&keepalives_idle=20&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=30000';

/** Encrypted in any case, and with the authorities also sure to be the right server. */
export function sslMode({ caBundle }: IAirflowDatabase): string {
  return caBundle ? 'verify-full' : 'require';
}

/** What libpq reads from the environment, for programs that connect by themselves. */
export function libpqVariables(database: IAirflowDatabase): Record<string, string> {
  return { PGSSLMODE: sslMode(database), ...authorities(database) };
}

/** Access to the metadata database for a program that connects by itself. */
export function metadataDatabaseOfPrograms(database: IAirflowDatabase, password: AirflowSecret): Binding {
  return {
    environment: {
      PGHOST: database.hostname,
      PGPORT: String(database.port),
      PGDATABASE: METADATA_DATABASE,
      PGUSER: METADATA_DATABASE,
      ...libpqVariables(database),
    },
    secrets: { PGPASSWORD: password._toEcsSecret() },
  };
}

/** Access to the metadata database, with the password of its role. */
export function metadataDatabase(database: IAirflowDatabase, password: AirflowSecret, version: AirflowVersion): Binding {
  const passwordVariable = 'AIRFLOW_DB_PASSWORD';
  const address = `@${database.hostname}:${database.port}/${METADATA_DATABASE}`;
  const { environment, secrets } = urlVariables(password, {
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: {
      prefix: `postgresql+psycopg2://${METADATA_DATABASE}:`, passwordVariable, suffix: `${address}?${tlsOptions(database)}&${TCP_OPTIONS}`,
    },
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC: version._asyncPsycopg ? {
      prefix: `postgresql+psycopg_async://${METADATA_DATABASE}:`, passwordVariable, suffix: `${address}?${tlsOptions(database)}&${TCP_OPTIONS}`,
    } : {
      // Airflow would derive it from the other one, whose options asyncpg does not know. It has none that ends the hanging of a half-dead connection.
      prefix: `postgresql+asyncpg://${METADATA_DATABASE}:`, passwordVariable, suffix: `${address}?ssl=${sslMode(database)}`,
    },
  });
  return { environment: { ...environment, ...authorities(database) }, secrets, ...server(database) };
}

/**
 * Access to the database of Celery's task results, with the password of its role. Scheduler and worker must agree on it to the letter: where they
 * differ, tasks succeed, but the scheduler never learns that their slots are free.
 */
export function resultDatabase(database: IAirflowDatabase, password: AirflowSecret): Binding {
  const { environment, secrets } = urlVariables(password, {
    AIRFLOW__CELERY__RESULT_BACKEND: {
      prefix: `db+postgresql+psycopg2://${RESULT_DATABASE}:`,
      passwordVariable: 'AIRFLOW_RESULT_DB_PASSWORD',
      suffix: `@${database.hostname}:${database.port}/${RESULT_DATABASE}?${tlsOptions(database)}&${TCP_OPTIONS}`,
    },
  });
  return { environment, secrets, ...server(database) };
}

/** For a component that has none. */
export const NO_METADATA_DATABASE: Binding = {
  environment: {
    // the image's entry point would wait for one
    CONNECTION_CHECK_MAX_COUNT: '0',
    // Airflow would make a file for one
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'sqlite://',
  },
};

function server(database: IAirflowDatabase): Binding {
  return { server: { name: 'database', peer: database }, waitsFor: [database] };
}

/** The options of libpq in a URL. */
function tlsOptions(database: IAirflowDatabase): string {
  return database.caBundle ? `sslmode=${sslMode(database)}&sslrootcert=${database.caBundle}` : `sslmode=${sslMode(database)}`;
}

/** asyncpg takes the file from here only. Not for workers: there it would count for every PostgreSQL connection of a DAG. */
function authorities({ caBundle }: IAirflowDatabase): Record<string, string> {
  return caBundle ? { PGSSLROOTCERT: caBundle } : {};
}
