import { setTimeout as sleep } from 'timers/promises';
import { AirflowApi, TaskInstance } from '../tools/airflow-api';
import { until } from '../tools/wait';

const RUNS_OF_ONE = 10;
/** As in dags/bench_tasks.py. */
export const TASKS = 32;
const LIMIT = 120;

/** Seconds. Waiting begins with the request that triggers the run. */
export interface TaskLatency {
  readonly one: number[];
  /** Of the 32 tasks those that ended within two minutes. */
  readonly many: number[];
  /** From the trigger until the last of the 32 tasks ended; absent where they did not all end. */
  readonly manyTotal?: number;
  /** The longest that the API let a request wait while the 32 tasks ran. */
  readonly slowestAnswer: number;
}

export async function measureTaskLatency(api: AirflowApi): Promise<TaskLatency> {
  for (const dagId of ['bench_one', 'bench_many']) {
    await until(`DAG ${dagId} is known to Airflow`, 90, () => api.dag(dagId));
  }
  await run(api, 'bench_one'); // the first one loads code everywhere

  const one: number[] = [];
  for (let count = 0; count < RUNS_OF_ONE; count += 1) {
    const { triggered, tasks } = await run(api, 'bench_one');
    if (tasks.some(task => task.state !== 'success')) {
      throw new Error(`bench_one does not succeed: its task is ${tasks[0]?.state}`);
    }
    one.push(...waits(triggered, tasks));
  }

  const watch = new AbortController();
  const answers = slowestAnswer(api, watch.signal);
  const { triggered, tasks } = await run(api, 'bench_many');
  watch.abort();
  const ended = tasks.filter(task => task.state === 'success');
  return {
    one,
    many: waits(triggered, ended),
    manyTotal: ended.length === TASKS ? Math.max(...ended.map(task => Date.parse(task.end_date!) - triggered)) / 1000 : undefined,
    slowestAnswer: await answers,
  };
}

/** Starts a run and waits for its end, or for two minutes: `airflow standalone` does not always get to the end of 32 tasks. */
async function run(api: AirflowApi, dagId: string): Promise<{ triggered: number; tasks: TaskInstance[] }> {
  const triggered = Date.now();
  const started = await patiently(() => api.trigger(dagId));
  while (Date.now() < triggered + LIMIT * 1000) {
    const { state } = await api.dagRun(started).catch(() => started);
    if (state === 'success' || state === 'failed') {
      break;
    }
    await sleep(250);
  }
  return { triggered, tasks: await patiently(() => api.taskInstances(started)) };
}

/** Nor does its API server always answer meanwhile. */
async function patiently<T>(request: () => Promise<T>): Promise<T> {
  return until('Airflow answers', 120, () => request().catch(() => undefined));
}

function waits(triggered: number, tasks: TaskInstance[]): number[] {
  return tasks.map(task => (Date.parse(task.start_date!) - triggered) / 1000);
}

async function slowestAnswer(api: AirflowApi, signal: AbortSignal): Promise<number> {
  let slowest = 0;
  while (!signal.aborted) {
    const asked = performance.now();
    await api.health().catch(() => undefined); // a refusal after 30 s counts with its time
    slowest = Math.max(slowest, (performance.now() - asked) / 1000);
    await sleep(250);
  }
  return slowest;
}
