/**
 * Attacks of DAG code and of strangers on a local Airflow, each of which has to be refused, what authors of DAGs meet outside of workers,
 * and `verify` with and without the preset for production:   npm run attacks [-- --isolation rootless]
 *
 * Prints a line for each attack with what refused it; the exit code says whether all were.
 */
import { deepStrictEqual, notStrictEqual, ok } from 'assert/strict';
import { join } from 'node:path';
import { Command } from 'commander';
import { checkDagCode } from './dag-code';
import { ALLOWED, REFUSED } from './expected';
import { FlowerRace } from './flower-race';
import { AirflowApi } from '../../local/airflow-api';
import { Checks } from '../../tools/checks';
import { checkAccess } from '../../tools/demo-checks';
import { runDag } from '../../tools/demo-runs';
import { ROOT, synthesize } from '../../tools/example';
import { fail } from '../../tools/fail';
import { LocalAirflow, LocalAirflowOptions } from '../../tools/local-airflow';

const DAG = 'attacks';

async function main(options: LocalAirflowOptions): Promise<void> {
  const checks = new Checks();
  await run('attacked', __dirname, options, async airflow => {
    const api = new AirflowApi(airflow.webServer, airflow.admin);
    await verify(checks, airflow);
    await checkAccess(checks, airflow, api);
    await checks.that('nothing stopped the attacks before their end', async () => attack(checks, airflow, api));
    await checks.that('a task that fills the disk fails, and the next one finds it empty', async () => fill(api));
    await checks.that('a worker on which no task can start turns red, and another one takes its place', async () => replace(airflow, api));
    await checkDagCode(checks, airflow, api);
  });
  await run('production', join(__dirname, 'production'), options, async airflow => verify(checks, airflow));
  console.log(`\nattacks: ${checks.summary()}`);
  process.exitCode = checks.failures === 0 ? 0 : 1;
}

/** Starts the app of a folder with no state, does something with it and stops it. */
async function run(name: string, folder: string, options: LocalAirflowOptions, work: (airflow: LocalAirflow) => Promise<void>): Promise<void> {
  const cloudAssembly = synthesize(folder, join(ROOT, `build/attacks/${name}`));
  await LocalAirflow.deleteState(cloudAssembly);
  const airflow = await LocalAirflow.start(cloudAssembly, options);
  try {
    await work(airflow);
  } finally {
    await airflow.interrupt();
  }
  await LocalAirflow.deleteState(cloudAssembly);
}

async function verify(checks: Checks, airflow: LocalAirflow): Promise<void> {
  await checks.that('every connection, secret and prefix is reached by whom the template says, and by nobody else', async () => airflow.verify());
}

/** Runs the DAG, whose tasks are the attacks, and judges what each returned. */
async function attack(checks: Checks, airflow: LocalAirflow, api: AirflowApi): Promise<void> {
  const race = new FlowerRace(airflow);
  const [dagRun] = await Promise.all([runDag(api, DAG, await airflow.outputs()).finally(() => race.end()), race.run()]);
  const tasks = await api.taskInstances(dagRun);
  await checks.that('Flower shows every task and no token, in a race with the worker', () => race.judge(DAG, tasks.length));
  await checks.that('Flower sends no task', async () => race.sendsNothing());
  await checks.that('a log with the environment of a task has no password and no key', async () => {
    const log = JSON.stringify(await api.log(tasks.find(({ task_id }) => task_id === 'may_print_its_environment')!));
    ok(log.includes('AIRFLOW__CORE__EXECUTOR'), 'the environment is not in the log');
    deepStrictEqual(shownSecrets(log), []);
    const key = (await airflow.exec('worker', 'printenv', 'AIRFLOW__API__SECRET_KEY')).trim();
    ok(key.length >= 64 && !log.includes(key), 'it shows the API secret key');
  });
  await checks.that('there are no connections that nobody has made', async () => {
    deepStrictEqual(await airflow.query<number[]>('select count(*) from connection'), [0]);
  });
  // one by one: Airflow's API server runs out of connections to its database when it is asked for all of them at once
  const ends = new Map<string, string>();
  for (const task of tasks) {
    ends.set(task.task_id, task.state === 'success' ? await api.result<string>(task) : `${task.state}`);
  }
  const take = (name: string) => {
    const end = ends.get(name) ?? 'there is no such task';
    ends.delete(name);
    return end;
  };
  for (const [name, pattern] of Object.entries({ ...ALLOWED, ...REFUSED })) {
    const end = take(name).replace(/\s+/g, ' ');
    await checks.that(`${name}: ${end.length > 140 ? `${end.slice(0, 140)} …` : end}`, () => ok(pattern.test(end), `${end}\nexpected: ${pattern.source}`));
  }
  await checks.that('the scheduler has loaded no poisoned result', async () => {
    deepStrictEqual((await airflow.exec('scheduler', 'ls', '/tmp')).split('\n').filter(file => file === 'poisoned'), []);
  });
  await checks.that('every attack is judged', () => deepStrictEqual([...ends.keys()], []));
}

async function fill(api: AirflowApi): Promise<void> {
  const tasks = await api.taskInstances(await runDag(api, 'fill'));
  const [full, next] = ['leave_files_until_the_disk_is_full', 'find_nothing_left'].map(id => tasks.find(({ task_id }) => task_id === id)!);
  deepStrictEqual([full.state, next.state], ['failed', 'success']);
  ok(JSON.stringify(await api.log(full)).includes('No space left on device'), 'it failed for another reason');
  deepStrictEqual(await api.result<string>(next), 'left: []');
}

async function replace(airflow: LocalAirflow, api: AirflowApi): Promise<void> {
  const tasks = await api.taskInstances(await runDag(api, 'useless_worker', undefined, 600)); // a new worker has to start
  const [long, full, next] = ['log_without_end', 'leave_no_room_for_logs', 'start_elsewhere'].map(id => tasks.find(({ task_id }) => task_id === id)!);
  deepStrictEqual([long.state, full.state, next.state], ['success', 'failed', 'success']);
  const replaced = (await airflow.tasks('worker-useless')).filter(({ stoppedReason }) => stoppedReason === 'Task failed container health checks');
  ok(replaced.some(({ address }) => address === full.hostname), 'it was not replaced as unhealthy');
  notStrictEqual(next.hostname, full.hostname);
  const log = (await api.log(long)).map(({ event }) => event);
  const short = log.map(line => line.slice(0, 80));
  ok(short.filter(line => line.startsWith('xxx')).length < 64 && short.some(line => line.startsWith('The log ends here:')), `the log does not end: ${short.join('\n')}`);
}

/** Which passwords a text shows, as they are or as a URL, JSON or Python would show them. They begin with their names, and nothing else looks like the rest. */
function shownSecrets(text: string): string[] {
  return [...text.matchAll(/(Broker|Database|ResultDatabase|Admin|Flower|JwtSecretOf\w+)p(\/|%2F)(@|%40)/g)].map(([, name]) => name);
}

const program = new Command('npm run attacks --')
  .description('Attacks a local Airflow from DAG code and from outside. Everything has to be refused.')
  .option('--isolation <level>', 'how tasks are kept apart: root or rootless; default: the best that works here');
main(program.parse().opts<LocalAirflowOptions>()).catch(fail);
