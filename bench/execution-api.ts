/**
 * What running tasks cost the Execution API, as a service of its own:   npx ts-node bench/execution-api.ts
 *
 * Runs tasks that only start and end, then tasks that only run, and prints the CPU that the container of the API took for each, on this machine.
 * The exit code says whether all tasks succeeded at the first try.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, runOutage } from './outage-run';
import { AirflowApi, DagRun, TaskInstance } from '../local/airflow-api';
import { until } from '../local/until';
import { LocalAirflow } from '../tools/local-airflow';
import { table } from '../tools/table';

/** Seconds that a phase is looked at, and that tasks may need. */
const WINDOW = 30;
const LIMIT = 180;
/** Ticks of a second. */
const TICKS = 100;
const CPU_OF_CONTAINER = 'cat /proc/[0-9]*/stat 2>/dev/null | sed "s/.*) //" | awk \'{ sum += $12 + $13 + $14 + $15 } END { print sum }\'';
/** What there is of a web server of the default size before it is half busy, in CPU seconds a second. */
const HALF_OF_DEFAULT = 0.25;

async function measure(airflow: LocalAirflow, api: AirflowApi): Promise<void> {
  const cpu = async () => Number(await airflow.exec('execution-api', 'sh', '-c', CPU_OF_CONTAINER)) / TICKS;
  const spent = async (work: () => Promise<void>) => {
    const [start, before] = [performance.now(), await cpu()];
    await work();
    return { cpu: await cpu() - before, seconds: (performance.now() - start) / 1000 };
  };
  await until('the DAGs are known to Airflow', LIMIT, async () => await api.dag('running') && api.dag('ending'));
  const idle = await spent(async () => { await sleep(WINDOW * 1000); });

  const ended = async (run: DagRun) => {
    const tasks = await api.taskInstances(run);
    return tasks.length > 1 && tasks.every(({ state }) => state === 'success' || state === 'failed') ? tasks : undefined;
  };
  let short: TaskInstance[] = [];
  const ending = await spent(async () => {
    const run = await api.trigger('ending');
    short = await until('all short tasks have ended', LIMIT, async () => ended(run));
  });

  const run = await api.trigger('running');
  const { length: slots } = await until('all tasks run', LIMIT, async () => {
    const tasks = await api.taskInstances(run);
    return tasks.length > 1 && tasks.every(({ state }) => state === 'running') ? tasks : undefined;
  });
  const running = await spent(async () => { await sleep(WINDOW * 1000); });
  const slept = await until('all tasks have ended', LIMIT, async () => ended(run));

  const perSecond = idle.cpu / idle.seconds;
  const ofSlot = (running.cpu / running.seconds - perSecond) / slots;
  const ofTask = (ending.cpu - perSecond * ending.seconds) / short.length;
  console.log(table(['', 'CPU'], [
    ['no task', `${(1000 * perSecond).toFixed(1)} ms a second`],
    [`a task that runs (${slots} of them for ${WINDOW} s)`, `${(1000 * ofSlot).toFixed(2)} ms a second`],
    [`a task that starts and ends (${short.length} of them in ${ending.seconds.toFixed(0)} s)`, `${(1000 * ofTask).toFixed(0)} ms`],
  ]));
  console.log(`half of 0.5 vCPU, as fast as a core here: ${Math.floor((HALF_OF_DEFAULT - perSecond) / ofSlot)} tasks that run, or ${(HALF_OF_DEFAULT / ofTask).toFixed(1)} that start each second`);
  const failed = [...slept, ...short].filter(({ state, try_number: attempt }) => state !== 'success' || attempt !== 1);
  console.log(`${slept.length + short.length - failed.length} of ${slept.length + short.length} tasks succeeded at the first try`);
  await airflow.verify();
  process.exitCode = failed.length > 0 ? 1 : 0;
}

runOutage('execution-api', measure).catch(fail);
