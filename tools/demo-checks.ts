import { ok, deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checks, HANGS_SECONDS } from './checks';
import { FinishedRun, taskName } from './demo-runs';
import { LocalAirflow, Stopped } from './local-airflow';
import { AirflowApi, Credentials } from '../local/airflow-api';
import { until } from '../local/until';

const COMPONENTS = ['metadatabase', 'scheduler', 'triggerer', 'dag_processor'];

/** What Airflow itself says about its parts, and whom it lets in. */
export async function checkAccess(checks: Checks, airflow: LocalAirflow, api: AirflowApi): Promise<void> {
  const { webServer, flower, admin, flowerUser } = airflow;
  await checks.that('the web server reports every component as healthy', async () => {
    const health = await api.health();
    deepStrictEqual(COMPONENTS.map(name => [name, health[name]?.status]), COMPONENTS.map(name => [name, 'healthy']));
  });
  await checks.that('every DAG file is imported without an error', async () => deepStrictEqual(await api.importErrors(), []));
  await checks.that('the REST API refuses requests without a token', async () => {
    strictEqual(await status(`${webServer}/api/v2/dags`), 401);
  });
  await checks.that('the REST API refuses a wrong password', async () => {
    const wrong = new AirflowApi(webServer, { ...admin, password: 'wrong' });
    strictEqual(await wrong.importErrors().then(() => 200, error => error.status), 401);
  });
  await checks.that('Flower refuses requests without its password', async () => {
    strictEqual(await status(`${flower}/`), 401);
    strictEqual(await status(`${flower}/`, { ...flowerUser, password: 'wrong' }), 401);
  });
  await checks.that('Flower shows the worker to who has its password', async () => {
    const response = await fetch(`${flower}/workers?json=1`, { headers: basicAuth(flowerUser) });
    strictEqual(response.status, 200);
    const { data } = await response.json() as { data: { hostname: string; status: boolean }[] };
    ok(data.some(worker => worker.status), `no worker is online: ${JSON.stringify(data)}`);
  });
}

/** What the three DAGs did. */
export async function checkRuns(checks: Checks, airflow: LocalAirflow, api: AirflowApi, runs: FinishedRun[], orders: string): Promise<void> {
  const attemptsOf = (dagId: string) => runs.find(({ run }) => run.dag_id === dagId)!.attempts;
  for (const { run, attempts } of runs) {
    await checks.that(`DAG ${run.dag_id} succeeds`, () => strictEqual(run.state, 'success'));
    await checks.that(`every task of ${run.dag_id} ran on a worker`, () => {
      ok(attempts.length > 0);
      attempts.forEach(({ task }) => ok(task.hostname && task.queue === 'default', `${taskName(task)}: host ${task.hostname}, queue ${task.queue}`));
    });
  }

  await checks.that('orders_report has one task per file and accounts for every row', async () => {
    const files = readdirSync(orders);
    const rows = files.flatMap(file => readFileSync(join(orders, file), 'utf-8').trim().split('\n').slice(1));
    const attempts = attemptsOf('orders_report');
    strictEqual(attempts.filter(({ task }) => task.task_id === 'transform').length, files.length);
    const report = await api.result<{ files: number; accepted: number; rejected: number }>(
      attempts.find(({ task }) => task.task_id === 'load')!.task,
    );
    strictEqual(report.files, files.length);
    strictEqual(report.accepted + report.rejected, rows.length);
    ok(report.rejected > 0, 'the data has rows that must be rejected');
  });
  await checks.that('retry_once fails on its first try and succeeds on the second', () => {
    const [first, second, ...more] = attemptsOf('retry_once');
    deepStrictEqual([first, second].map(({ task }) => [task.try_number, task.state]), [[1, 'failed'], [2, 'success']]);
    strictEqual(more.length, 0);
    match(first.lastLine, /the recipient did not answer/);
    match(second.lastLine, /delivered on try 2/);
  });
  await checks.that('Airflow reads every log from its object in S3', async () => {
    const attempts = runs.flatMap(run => run.attempts);
    attempts.forEach(({ task, location }) => match(location, new RegExp(`^s3://.+/task_id=${task.task_id}/.*attempt=${task.try_number}\\.log$`)));
    const objects = await airflow.objects(bucketOf(attempts[0].location));
    attempts.forEach(({ location }) => ok(objects.includes(location), `${location} is not in the bucket`));
  });
  await checks.that('the policies of the template allow everything that was asked for', async () => deepStrictEqual(await airflow.denials(), []));
  await checks.that('every connection and every permission is as the template says (verify)', () => airflow.verify());
  await checks.that('the stored connection is encrypted in the database', async () => {
    const [password, isEncrypted] = await airflow.query<[string, boolean]>(
      "select password, is_encrypted from connection where conn_id = 'orders_warehouse'",
    );
    strictEqual(isEncrypted, true);
    match(password, /^gAAAAA/, 'it is no Fernet token');
  });
}

/** Changes the DAG folder while Airflow is running. */
export async function checkChangedFiles(checks: Checks, api: AirflowApi, dags: string): Promise<void> {
  const file = join(dags, 'changing.py');
  const write = (description: string) => writeFileSync(file, [
    'from airflow.sdk import dag, task',
    `@dag(schedule=None, description="${description}")`,
    'def changing():',
    '    @task',
    '    def nothing(): pass',
    '    nothing()',
    'changing()',
    '',
  ].join('\n'));
  const seen = (description: string) => until('seen by Airflow', HANGS_SECONDS, async () => {
    const dag = await api.dag('changing');
    return dag?.description === description && !dag.is_stale ? dag : undefined;
  });
  await checks.that('a new DAG file is seen without a restart', async () => {
    write('first');
    await seen('first');
  });
  await checks.that('a changed DAG file is seen without a restart', async () => {
    write('second');
    await seen('second');
  });
  rmSync(file);
}

/** After another start with the same state. */
export async function checkState(checks: Checks, api: AirflowApi, runs: FinishedRun[]): Promise<void> {
  await checks.that('earlier runs and their logs are there after a restart', async () => {
    for (const { run, attempts } of runs) {
      strictEqual((await api.dagRun(run)).state, run.state);
      ok((await api.log(attempts[0].task)).some(line => line.event === attempts[0].location), `log ${attempts[0].location}`);
    }
  });
}

/** How the run ended, and what it left. */
export async function checkStopped(checks: Checks, how: string, { exitCode, seconds, left }: Stopped, expectedExitCode: number): Promise<void> {
  await checks.that(`${how} stops everything`, () => ok(seconds <= HANGS_SECONDS, `${seconds.toFixed(1)} s`));
  await checks.that(`${how} ends it with exit code ${expectedExitCode}`, () => strictEqual(exitCode, expectedExitCode));
  await checks.that(`${how} leaves no process`, () => deepStrictEqual(left.map(process => `${process.pid} ${process.command}`), []));
}

function bucketOf(location: string): string {
  return new URL(location).hostname;
}

function basicAuth({ username, password }: Credentials): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

async function status(url: string, credentials?: Credentials): Promise<number> {
  const response = await fetch(url, { headers: credentials && basicAuth(credentials), redirect: 'manual' });
  await response.arrayBuffer();
  return response.status;
}
