import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Software } from '../local/install/installation';
import { Loopback } from '../local/isolation/loopback';
import { PrivateNames } from '../local/isolation/private-names';
import { PostgresDatabases } from '../local/postgres/postgres-databases';
import { freePort } from '../tools/ports';

export const TASKS = 500_000;
export const ACTIVE = 10_000;
const RUNS = 5000;
const DAGS = 200;

/** Active tasks are the newest ones; the runs that are about to be created belong to one DAG in ten. */
const DATA = `
  insert into dag (dag_id, is_paused, is_stale, next_dagrun_create_after)
    select 'dag' || i, false, false, now() + case when i % 10 = 0 then interval '60 s' else interval '1 h' end from generate_series(1, ${DAGS}) i;
  insert into dag_run (id, dag_id, run_id, run_after)
    select i, 'dag' || 1 + i % ${DAGS}, 'run' || i / ${DAGS}, now() - interval '1 minute' * (${RUNS} - i) from generate_series(1, ${RUNS}) i;
  insert into task_instance (id, task_id, dag_id, run_id, map_index, state, queue, hostname, queued_dttm)
    select gen_random_uuid(), 'task' || i, 'dag' || 1 + (i % ${RUNS}) % ${DAGS}, 'run' || (i % ${RUNS}) / ${DAGS}, -1,
      case when i <= ${TASKS - ACTIVE} then case when i % 20 = 0 then 'failed' else 'success' end when i % 3 = 0 then 'queued' when i % 3 = 1 then 'running' else 'scheduled' end,
      'queue' || i % 10, '10.0.' || i % 4 || '.' || i % 250, now() - interval '1 s' * (${TASKS} - i)
    from generate_series(1, ${TASKS}) i;
  analyze;
`;

export interface DemandDatabase {
  readonly client: Client;
  /** As psycopg2 reads it. */
  readonly environment: Record<string, string>;
}

/** A real PostgreSQL with the metadata database of an Airflow that has been in use for long, and is at work. */
export async function withDemandDatabase(software: Software, use: (database: DemandDatabase) => Promise<void>): Promise<void> {
  const schema = execFileSync(join(software.airflow, 'bin', 'python'), [join(__dirname, 'demand_schema.py')], {
    encoding: 'utf-8',
    env: {
      ...process.env, AIRFLOW_CONFIG: '/dev/null', AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'sqlite://', AIRFLOW__LOGGING__LOGGING_LEVEL: 'ERROR',
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'demand-query-'));
  const isolation = await Loopback.create(software.python.executable);
  let host = '';
  const databases = new PostgresDatabases({
    isolation,
    privateNames: new PrivateNames({ setNames: async names => { host = [...names.values()].flat()[0] ?? host; } }),
    binaries: software.postgres,
    region: 'eu-central-1',
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    logFolder: join(folder, 'logs'),
  });
  try {
    const port = await freePort();
    const login = { user: 'master', password: 'master', database: 'airflow' };
    await databases.create({
      identifier: 'Demand', engineVersion: '17', masterUsername: 'master', masterPassword: 'master', port, databaseName: 'airflow', parameters: {}, securityGroups: [],
    });
    const client = new Client({ host, port, ...login, ssl: { rejectUnauthorized: false } });
    await client.connect();
    await fill(client, schema);
    const environment = { PGHOST: host, PGPORT: String(port), PGUSER: login.user, PGPASSWORD: login.password, PGDATABASE: login.database, PGSSLMODE: 'require' };
    await use({ client, environment });
    await client.end();
  } finally {
    await databases.stop();
    await isolation.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Columns that no query of the scaler reads stay empty. */
async function fill(client: Client, schema: string): Promise<void> {
  await client.query(schema.slice(schema.indexOf('CREATE TABLE')));
  const { rows } = await client.query(`select table_name, column_name from information_schema.columns c where table_schema = 'public' and is_nullable = 'NO'
    and not exists (select from information_schema.key_column_usage k where k.table_name = c.table_name and k.column_name = c.column_name)`);
  for (const { table_name, column_name } of rows) { await client.query(`alter table ${table_name} alter column ${column_name} drop not null`); }
  await client.query(DATA);
}
