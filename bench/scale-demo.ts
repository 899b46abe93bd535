/**
 * A pool of workers at zero, 40 tasks that arrive, and the pool at zero again:   npx tsx bench/scale-demo.ts
 *
 * Prints what there was over time. The exit code says whether all tasks succeeded, at the first try, and no worker was left.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AirflowApi, TaskInstance } from '../local/airflow-api';
import { until } from '../local/until';
import { ROOT, synthesize } from '../tools/example';
import { LocalAirflow } from '../tools/local-airflow';
import { table } from '../tools/table';

const CLOUD_ASSEMBLY = join(ROOT, 'build/scaling/cdk.out');
const POOL = 'worker-etl';
/** Seconds that all of one phase may take. */
const LIMIT = 600;
const EVERY = 5000;

async function main(): Promise<void> {
  synthesize(join(__dirname, 'scaling'), CLOUD_ASSEMBLY);
  await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  const airflow = await LocalAirflow.start(CLOUD_ASSEMBLY);
  try {
    await measure(airflow, new AirflowApi(airflow.webServer, airflow.admin));
  } finally {
    await airflow.interrupt();
    await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  }
}

async function measure(airflow: LocalAirflow, api: AirflowApi): Promise<void> {
  const start = Date.now();
  const rows: string[][] = [];
  const look = async (tasks: TaskInstance[]) => {
    const { desiredCount, runningCount } = await airflow.service(POOL);
    const count = (...states: (string | null)[]) => String(tasks.filter(({ state }) => states.includes(state)).length);
    const row = [desiredCount, runningCount].map(String).concat(count('queued'), count('running'), count('success'));
    if (rows.at(-1)?.slice(1).join() !== row.join()) { rows.push([`${((Date.now() - start) / 1000).toFixed(0)} s`, ...row]); }
    return desiredCount + runningCount === 0;
  };
  await until('the pool is at zero', LIMIT, async () => await look([]) || undefined, EVERY);
  await until('the DAG is known to Airflow', 90, () => api.dag('forty'));
  const run = await api.trigger('forty');
  const ended = await until('all tasks have ended', LIMIT, async () => {
    const tasks = await api.taskInstances(run);
    await look(tasks);
    return tasks.length === 40 && tasks.every(({ state }) => state === 'success' || state === 'failed') ? tasks : undefined;
  }, EVERY);
  await until('the pool is at zero again', LIMIT, async () => await look(ended) || undefined, EVERY);
  await sleep(EVERY);
  console.log(table(['time', 'desired', 'workers', 'queued', 'running', 'succeeded'], rows));
  const denials = await airflow.denials();
  const failed = ended.filter(({ state }) => state !== 'success');
  console.log(`${ended.length - failed.length} of ${ended.length} tasks succeeded; ${denials.length} requests were refused${denials.map(denial => `\n  ${denial}`).join('')}`);
  process.exitCode = failed.length > 0 || denials.length > 0 || !await look(ended) ? 1 : 0;
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
