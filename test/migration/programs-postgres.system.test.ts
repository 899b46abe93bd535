import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Client } from 'pg';
import { virtualEnvironment } from '../../local/install/python';
import { Loopback } from '../../local/isolation/loopback';
import { PrivateNames } from '../../local/isolation/private-names';
import { PostgresDatabases } from '../../local/postgres/postgres-databases';
import { AirflowSecret, IAirflowDatabase } from '../../src';
import { metadataDatabase } from '../../src/database/connections';
import { ADMIN, DATABASES } from '../../src/migration/programs';
import { AirflowVersion } from '../../src/version/airflow-version';
import { scratchFolder } from '../local/scratch-folder';
import { storeSoftware } from '../local/software';
import { newStack } from '../private/stack';
import { almost, anyPasswords } from '../secrets/any-password';

// The programs against a real server, whose master user may do what the one of RDS may. Airflow is a stand-in that says what it was called with.
const folder = scratchFolder();
const PORT = 5434;
const PASSWORDS: Record<string, string> = { master: "it's secret", airflow: "air'flow", airflow_results: 'results' };
let isolation: Loopback;
let databases: PostgresDatabases;
let python: string;
let host: string;
let address: string;
let authorities: string;
let first: Result;

interface Result {
  readonly code: number | null;
  readonly output: string;
}

function run(program: string, environment: Record<string, string> = {}, input = ''): Promise<Result> {
  const child = spawn(python, ['-c', program, address, String(PORT)], {
    env: {
      PATH: process.env.PATH,
      PYTHONPATH: folder,
      PGHOSTADDR: host, // the private name is in the certificate only
      PGSSLROOTCERT: authorities,
      PGSSLMODE: 'verify-full',
      AIRFLOW_DB_MASTER_USERNAME: 'master',
      AIRFLOW_DB_MASTER_PASSWORD: PASSWORDS.master,
      AIRFLOW_DB_PASSWORD: PASSWORDS.airflow,
      AIRFLOW_RESULT_DB_PASSWORD: PASSWORDS.airflow_results,
      AIRFLOW_ADMIN_USERNAME: 'admin',
      AIRFLOW_ADMIN_PASSWORD: 'hidden',
      AIRFLOW__CORE__AUTH_MANAGER: 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager',
      ...environment,
    },
  });
  child.stdin.end(input);
  let output = '';
  [child.stdout, child.stderr].forEach(stream => stream.on('data', chunk => { output += chunk; }));
  return new Promise((done, fail) => child.on('error', fail).on('close', code => done({ code, output })));
}

async function query(user: string, database: string, sql: string, password = PASSWORDS[user]): Promise<unknown[]> {
  const ca = readFileSync(authorities, 'utf-8');
  const client = new Client({ host, port: PORT, user, password, database, ssl: { ca, servername: address } });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  const software = await storeSoftware();
  const lockFile = join(__dirname, 'programs.lock');
  python = join(await virtualEnvironment('migration-programs', '', software.python, () => {}, { lockFile }), 'bin', 'python');
  mkdirSync(join(folder, 'airflow'));
  writeFileSync(join(folder, 'airflow', '__main__.py'), 'import getpass, sys\ndef main(): print(sys.argv[1:], getpass.getpass("Password:"))\n');
  isolation = await Loopback.create(software.python.executable);
  databases = new PostgresDatabases({
    isolation,
    privateNames: new PrivateNames({ setNames: async names => { host = [...names.values()].flat()[0] ?? host; } }),
    binaries: software.postgres,
    region: 'eu-central-1',
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    logFolder: join(folder, 'logs'),
  });
  ({ address } = await databases.create({
    identifier: 'Programs',
    engineVersion: '17.4',
    masterUsername: 'master',
    masterPassword: PASSWORDS.master,
    port: PORT,
    databaseName: 'main',
    parameters: { 'rds.force_ssl': '1' },
    securityGroups: [],
  }));
  authorities = join(folder, 'state', 'databases', 'Programs', 'tls', 'ca.crt');
  first = await run(DATABASES);
});
afterAll(async () => {
  await databases?.stop();
  await isolation?.close();
});

describe('databases', () => {
  test('makes both databases, each for its owner', async () => {
    expect(first).toEqual({
      code: 0, output: 'database airflow is ready\ndatabase airflow_results is ready\ntables of airflow_results are ready\n',
    });
    expect(await query('master', 'postgres', "select datname, pg_get_userbyid(datdba) as owner from pg_database where datname like 'airflow%' order by 1"))
      .toEqual([{ datname: 'airflow', owner: 'airflow' }, { datname: 'airflow_results', owner: 'master' }]);
  });

  test('lets each role into its own database only', async () => {
    await expect(query('airflow', 'airflow_results', 'select 1')).rejects.toThrow('permission denied for database');
    await expect(query('airflow_results', 'airflow', 'select 1')).rejects.toThrow('permission denied for database');
  });

  test('keeps no result of a task, whatever is written', async () => {
    const insert = "insert into celery_taskmeta (id, task_id, status, result) values (1, 'one', 'SUCCESS', 'pickle') returning status, result";
    expect(await query('airflow_results', 'airflow_results', insert)).toEqual([{ status: 'SUCCESS', result: null }]);
    expect(await query('airflow_results', 'airflow_results', "update celery_taskmeta set result = 'pickle' returning result")).toEqual([{ result: null }]);
  });

  test('forgets what has not changed for a week when a task starts, a hundred rows at a time', async () => {
    const ids = async () => (await query('airflow_results', 'airflow_results', 'select id from celery_taskmeta where id >= 1000 order by id')).map(row => (row as { id: number }).id);
    const start = (id: number) => query('airflow_results', 'airflow_results', `insert into celery_taskmeta (id, task_id, status, date_done) values (${id}, '${id}', 'STARTED', now() at time zone 'utc')`);
    await query('airflow_results', 'airflow_results', `insert into celery_taskmeta (id, task_id, status, date_done)
      select id, id::text, 'SUCCESS', now() at time zone 'utc' - case when id < 1150 then interval '7 days 1 minute' else interval '6 days 23 hours' end
      from generate_series(1000, 1150) id order by random()`);

    expect((await ids()).length).toBe(51); // its own insert has taken the first hundred
    await start(2000);
    expect(await ids()).toEqual([1150, 2000]);
    expect(await query('airflow_results', 'airflow_results', "select indexdef from pg_indexes where indexname = 'ix_celery_taskmeta_date_done'"))
      .toEqual([{ indexdef: 'CREATE INDEX ix_celery_taskmeta_date_done ON public.celery_taskmeta USING btree (date_done)' }]);
    await query('airflow_results', 'airflow_results', 'delete from celery_taskmeta where id >= 1000');
  });

  test.each([
    ['drop trigger drop_result on celery_taskmeta', 'must be owner'],
    ['alter table celery_taskmeta disable trigger all', 'must be owner'],
    ['create or replace function drop_result() returns trigger language plpgsql as $$begin return new; end$$', 'permission denied for schema public'],
    ['create table another (id int)', 'permission denied for schema public'],
  ])('the role of the results cannot %s', async (sql, message) => {
    await expect(query('airflow_results', 'airflow_results', sql)).rejects.toThrow(message);
  });

  test('changes passwords in another run, and nothing else', async () => {
    expect(await run(DATABASES, { AIRFLOW_RESULT_DB_PASSWORD: 'changed' })).toEqual(first);

    await expect(query('airflow_results', 'airflow_results', 'select 1')).rejects.toThrow('password authentication failed');
    expect(await query('airflow_results', 'airflow_results', 'select count(*)::int from celery_taskmeta', 'changed')).toEqual([{ count: 1 }]);
  });

  // as Airflow does it: the option's command is split, its output is the URL, and SQLAlchemy takes it apart
  test('sets any password, which then lets both drivers in, and nothing that is like it', async () => {
    const client = [
      'import asyncio, contextlib, io, json, os, shlex, sys',
      'import sqlalchemy, sqlalchemy.ext.asyncio',
      'program, commands, cases = json.load(sys.stdin)',
      'def url(command, password):',
      "    os.environ['AIRFLOW_DB_PASSWORD'] = password",
      '    output = io.StringIO()',
      '    with contextlib.redirect_stdout(output): exec(shlex.split(command)[2])',
      '    return output.getvalue()',
      'async def asynchronous(url):',
      '    engine = sqlalchemy.ext.asyncio.create_async_engine(url)',
      '    async with engine.connect(): pass',
      'def opens(work):',
      '    try: work()',
      "    except Exception as error: return False if 'password authentication failed' in str(error) or 'no password supplied' in str(error) else repr(error)",
      '    return True',
      'def attempts(password):',
      '    yield opens(lambda: sqlalchemy.create_engine(url(commands[0], password)).connect().close())',
      '    yield opens(lambda: asyncio.run(asynchronous(url(commands[1], password))))',
      'answers = []',
      'for passwords in cases:',
      "    os.environ['AIRFLOW_DB_PASSWORD'] = passwords[0]",
      '    with contextlib.redirect_stdout(io.StringIO()): exec(program, {})',
      '    answers.append([list(attempts(password)) for password in passwords])',
      'json.dump(answers, sys.stdout)',
    ].join('\n');
    const secret = AirflowSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(newStack(), 'Database', 'database'));
    const { environment } = metadataDatabase({ hostname: host, port: PORT } as IAirflowDatabase, secret, AirflowVersion.V3_3_2);
    const commands = [environment!.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD, environment!.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD];
    const cases = anyPasswords(10).map(password => [password, ...almost(password).filter(text => text !== '')]);

    const { code, output } = await run(client, {}, JSON.stringify([DATABASES, commands, cases]));

    expect({ code, output: code === 0 ? JSON.parse(output) : output })
      .toEqual({ code: 0, output: cases.map(([, ...others]) => [[true, true], ...others.map(() => [false, false])]) });
    await run(DATABASES);
  });

  test('leaves no password in the log of the server', () => {
    const log = readFileSync(join(folder, 'logs', 'database', 'Programs', 'postgres.log'), 'utf-8');
    expect(Object.values(PASSWORDS).slice(0, 2).filter(password => log.includes(password))).toEqual([]);
  });
});

describe('admin', () => {
  const created = "['users', 'create', '--username', 'admin', '--role', 'Admin', '--firstname', 'Airflow', '--lastname', 'Admin', '--email', 'admin@example.com'] hidden\n";

  beforeAll(() => query('airflow', 'airflow', 'create table ab_user (username text)'));

  test('creates the user, with a password that is no argument', async () => {
    expect(await run(ADMIN)).toEqual({ code: 0, output: created });
  });

  test('does nothing where the user exists', async () => {
    await query('airflow', 'airflow', "insert into ab_user values ('admin')");

    expect(await run(ADMIN)).toEqual({ code: 0, output: 'user admin exists\n' });
  });

  test('does nothing with another auth manager', async () => {
    expect(await run(ADMIN, { AIRFLOW__CORE__AUTH_MANAGER: 'SimpleAuthManager' })).toEqual({ code: 0, output: 'this auth manager has its users elsewhere\n' });
  });

  test('trusts no server without the right authority', async () => {
    const other = join(folder, 'other.crt');
    writeFileSync(other, '');

    expect(await run(ADMIN, { PGSSLROOTCERT: other })).toMatchObject({ code: 1, output: expect.stringContaining('psycopg2.OperationalError') });
  });
});
