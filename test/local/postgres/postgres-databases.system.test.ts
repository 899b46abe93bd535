import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { Loopback } from '../../../local/isolation/loopback';
import { PrivateNames } from '../../../local/isolation/private-names';
import type { DatabaseDefinition, DatabaseEndpoint } from '../../../local/postgres/definitions';
import { PostgresDatabases } from '../../../local/postgres/postgres-databases';
import { scratchFolder } from '../scratch-folder';
import { storeSoftware } from '../software';
import { until } from '../until';

const folder = scratchFolder();
const DEFINITION: DatabaseDefinition = {
  identifier: 'AirflowDatabase1234',
  engineVersion: '17.4',
  masterUsername: 'airflow_admin',
  masterPassword: "it's secret",
  port: 5433,
  databaseName: 'main',
  parameters: { 'rds.force_ssl': '1', 'tcp_keepalives_idle': '60', 'max_connections': '{DBInstanceClassMemory/9531392}', 'apg_plan_mgmt.x': '1' },
  securityGroups: [],
};
let software: Awaited<ReturnType<typeof storeSoftware>>;
let isolation: Loopback;
let databases: PostgresDatabases;
let endpoint: DatabaseEndpoint;
const told: string[] = [];
let host: string;

async function start(definition = DEFINITION): Promise<void> {
  databases = new PostgresDatabases({
    isolation,
    privateNames: new PrivateNames({
      setNames: async names => {
        [host] = names.get(endpointName()) ?? [];
      },
    }),
    binaries: software.postgres,
    region: 'eu-central-1',
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    logFolder: join(folder, 'logs'),
    tell: text => told.push(text),
  });
  endpoint = await databases.create(definition);
}

function endpointName(): string {
  return 'airflowdatabase1234.cluster-local.eu-central-1.rds.amazonaws.com';
}

/** Trusts the authority of the state folder only, and expects the private name. */
async function query<T>(sql: string, config: ClientConfig = {}): Promise<T[]> {
  const ca = readFileSync(join(folder, 'state', 'databases', DEFINITION.identifier, 'tls', 'ca.crt'), 'utf-8');
  const client = new Client({
    host,
    port: DEFINITION.port,
    user: DEFINITION.masterUsername,
    password: DEFINITION.masterPassword,
    database: 'postgres',
    ssl: { ca, servername: endpoint.address },
    ...config,
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  software = await storeSoftware();
  isolation = await Loopback.create(software.python.executable);
  await start();
});
afterAll(async () => {
  await databases.stop();
  await isolation.close();
});

test('has a private name as on RDS', () => {
  expect(endpoint).toEqual({ address: endpointName(), port: 5433 });
});

describe('connections', () => {
  test('are encrypted, with a certificate for the private name', async () => {
    expect(await query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual([{ ssl: true }]);
  });

  test('fail without encryption', async () => {
    await expect(query('SELECT 1', { ssl: false })).rejects.toThrow('no encryption');
  });

  test('fail with a wrong password', async () => {
    await expect(query('SELECT 1', { password: 'wrong' })).rejects.toThrow('password authentication failed');
  });

  test('fail for the superuser', async () => {
    await expect(query('SELECT 1', { user: 'rdsadmin' })).rejects.toThrow('pg_hba.conf rejects connection');
  });
});

describe('the master user', () => {
  test('is no superuser but may make databases and roles', async () => {
    expect(await query('SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = current_user'))
      .toEqual([{ rolsuper: false, rolcreatedb: true, rolcreaterole: true, rolreplication: false, rolbypassrls: false }]);
  });

  test('cannot give a database to a role that it has not been granted', async () => {
    await query('CREATE ROLE owner LOGIN');

    await expect(query('CREATE DATABASE owned OWNER owner')).rejects.toThrow('must be able to SET ROLE "owner"');
    await query('GRANT owner TO current_user WITH SET TRUE');
    await query('CREATE DATABASE owned OWNER owner');
  });
});

test('parameters of the group are applied where PostgreSQL knows them', async () => {
  expect(await query("SELECT current_setting('tcp_keepalives_idle') AS idle, current_setting('max_connections') AS connections"))
    .toEqual([{ idle: '60', connections: '200' }]);
});

test('data and the key are for their owner only, the password is in no file', () => {
  const database = join(folder, 'state', 'databases', DEFINITION.identifier);
  expect(['', 'data', 'server.key'].map(path => statSync(join(database, path)).mode % 0o1000)).toEqual([0o700, 0o700, 0o600]);
  expect(readFileSync(join(folder, 'logs', 'database', DEFINITION.identifier, 'postgres.log'), 'utf-8')).not.toContain('secret');
});

test('data survives a restart; a changed master password counts', async () => {
  await query('CREATE TABLE kept AS SELECT 42 AS answer', { database: 'main' });
  await databases.stop();
  await start({ ...DEFINITION, masterPassword: 'another' });

  expect(await query('SELECT answer FROM kept', { database: 'main', password: 'another' })).toEqual([{ answer: 42 }]);

  await databases.setPassword(DEFINITION.identifier, 'a third');
  expect(await query('SELECT answer FROM kept', { database: 'main', password: 'a third' })).toEqual([{ answer: 42 }]);
  await expect(query('SELECT', { password: 'another' })).rejects.toThrow('password authentication failed');
  await databases.setPassword(DEFINITION.identifier, 'another');
});

test('a server that is killed comes back, and is named', async () => {
  const [pid] = readFileSync(join(folder, 'state', 'databases', DEFINITION.identifier, 'data', 'postmaster.pid'), 'utf-8').split('\n');
  expect(databases.news()).toEqual([]);
  process.kill(Number(pid), 'SIGKILL');

  await until('it is named', () => databases.news().length > 0);
  await until('it is back', () => databases.news()[0].includes('runs again'));
  expect(told).toEqual([
    'database AirflowDatabase1234 does not run (it ended with exit code 137): it is being started again',
    'database AirflowDatabase1234 runs again (started again 1 times, the last time because it ended with exit code 137)',
  ]);
  expect(await query('SELECT answer FROM kept', { database: 'main', password: 'another' })).toEqual([{ answer: 42 }]);
});

test('fails for an engine version that is not here', async () => {
  await expect(databases.create({ ...DEFINITION, engineVersion: '16.8' })).rejects.toThrow(
    'AirflowDatabase1234 has the engine version 16.8; the local runner brings PostgreSQL 17.9 only: use a version 17.x',
  );
});

test('a deleted one leaves its data as a snapshot, or nothing', async () => {
  const folderOf = (...path: string[]) => join(folder, 'state', ...path);
  expect(databases.endpoints()).toHaveLength(1);

  await databases.delete(DEFINITION.identifier, 'final');

  expect(databases.endpoints()).toEqual([]);
  expect(existsSync(folderOf('databases', DEFINITION.identifier))).toBe(false);
  expect(existsSync(folderOf('snapshots', 'final', 'data', 'PG_VERSION'))).toBe(true);
  expect(host).toBeUndefined();

  mkdirSync(folderOf('databases', 'stopped'));
  await databases.delete('stopped'); // of an earlier engine
  expect(existsSync(folderOf('databases', 'stopped'))).toBe(false);
});
