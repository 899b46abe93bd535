/**
 * What an outage of the only web server does to tasks:   npx ts-node bench/outage.ts [SECONDS]
 *
 * Stops it for that long (150), starts it again, and prints what became of tasks that ran through, ended in and started in the outage: on workers with our
 * settings and on workers with Airflow's own. The exit code says whether ours brought all of them to their end, at the first try.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, runOutage, tableOfTasks } from './outage-run';
import { AirflowApi, TaskInstance } from '../local/airflow-api';
import { until } from '../local/until';
import { LocalAirflow } from '../tools/local-airflow';

/** Seconds that a new web server may need. */
const START_LIMIT = 180;
/** Seconds that Airflow may need to find what became of a task (a lost one after 300), in all. */
const END_LIMIT = 600;

async function measure(airflow: LocalAirflow, api: AirflowApi, seconds: number): Promise<void> {
  await until('the DAG is known to Airflow', 90, () => api.dag('outage'));
  const run = await api.trigger('outage');
  await until('its tasks run', 90, async () => (await api.taskInstances(run)).every(({ state }) => state === 'running') || undefined);
  await sleep(10_000);

  const start = Date.now();
  await airflow.scale('web-server', 0);
  await sleep(seconds * 1000);
  await airflow.scale('web-server', 1);
  await until('the web server is back', START_LIMIT, async () => api.health().catch(() => undefined));
  const end = Date.now();
  console.log(`\nwithout a web server for ${((end - start) / 1000).toFixed(0)} s`);

  const allTasks = async (): Promise<TaskInstance[]> => {
    const scheduled = (await api.dagRuns('every_minute')).filter(({ run_after: at }) => Date.parse(at) > start && Date.parse(at) < end);
    return (await Promise.all([run, ...scheduled].map(async one => api.taskInstances(one)))).flat();
  };
  const ended = await until('all tasks have ended', END_LIMIT, async () => {
    const tasks = await allTasks().catch(() => undefined); // a busy machine lets a request wait too long
    return tasks?.every(({ state }) => state === 'success' || state === 'failed') ? tasks : undefined;
  }, 5000);
  console.log(tableOfTasks(ended, start));
  process.exitCode = ended.some(({ queue, state }) => queue === 'default' && state !== 'success') ? 1 : 0;
}

runOutage('outage', async (airflow, api) => measure(airflow, api, Number(process.argv[2] ?? 150))).catch(fail);
