/**
 * What a lost Redis does to tasks:   npx ts-node bench/redis-outage.ts [SECONDS]
 *
 * Stops it under 20 tasks that run and 20 that wait for a worker, starts another one after that long (60), lets the running ones end, and prints when each
 * task started and ended. The exit code says whether all of them succeeded within 5 minutes, at the first try, and each started once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, runOutage, tableOfTasks } from './outage-run';
import { AirflowApi, DagRun } from '../local/airflow-api';
import { until } from '../local/until';
import { LocalAirflow } from '../tools/local-airflow';

/** Seconds that tasks may need to end after Redis is back; without being sent again they begin after 600. */
const END_LIMIT = 300;
const STARTS = (run: DagRun) => `select count(*) from log where event = 'running' and dag_id = '${run.dag_id}'`;

async function measure(airflow: LocalAirflow, api: AirflowApi, seconds: number): Promise<void> {
  const tasksOf = async (run: DagRun, state: string) => (await api.taskInstances(run)).filter(task => task.state === state);
  await until('the DAGs are known to Airflow', 90, async () => await api.dag('running') && api.dag('waiting'));
  const running = await api.trigger('running');
  await until('20 tasks run', 180, async () => (await tasksOf(running, 'running')).length === 20 || undefined);
  const waiting = await api.trigger('waiting');
  await until('20 tasks wait', 60, async () => (await tasksOf(waiting, 'queued')).length === 20 || undefined);
  await sleep(5000);

  const start = Date.now();
  await airflow.scale('redis', 0);
  await sleep(seconds * 1000);
  await airflow.scale('redis', 1);
  await airflow.exec('worker', 'touch', '/tmp/go');
  console.log(`\nwithout Redis for ${((Date.now() - start) / 1000).toFixed(0)} s; then the running tasks end`);

  const ended = await until('all tasks have ended', END_LIMIT, async () => {
    const tasks = (await Promise.all([running, waiting].map(async run => api.taskInstances(run)))).flat();
    return tasks.every(({ state }) => state === 'success' || state === 'failed') ? tasks : undefined;
  }, 2000).catch(async error => {
    console.log(tableOfTasks((await Promise.all([running, waiting].map(async run => api.taskInstances(run)))).flat(), start));
    throw error;
  });
  console.log(tableOfTasks(ended, start));
  const starts = (await Promise.all([running, waiting].map(async run => airflow.query<number[]>(STARTS(run))))).flat();
  console.log(`starts of tasks: ${starts.join(' and ')}`);
  process.exitCode = ended.every(({ state, try_number: attempt }) => state === 'success' && attempt === 1) && starts.every(count => count === 20) ? 0 : 1;
}

runOutage('redis-outage', async (airflow, api) => measure(airflow, api, Number(process.argv[2] ?? 60))).catch(fail);
