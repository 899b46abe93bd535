import { setTimeout as sleep } from 'node:timers/promises';
import { AirflowApi, TaskInstance } from '../local/airflow-api';
import { until } from '../local/until';

const RUNS_OF_ONE = 10;
/** As in dags/bench_tasks.py. */
export const TASKS = 32;
const LIMIT = 120;

/** What 32 tasks of one second each, at once, do. Times in seconds. */
export interface ParallelTasks {
  /** From the request that triggers the run until the task starts, of the tasks that ended within two minutes. */
  readonly waits: number[];
  /** From the same request until the last task ended; absent where they did not all end. */
  readonly total?: number;
  /** The longest that the API let a request wait meanwhile. */
  readonly slowestAnswer: number;
}

/** Seconds from the request that triggers a run until its only task starts, one run after the other. */
export async function measureSingleTasks(api: AirflowApi): Promise<number[]> {
  await run(api, 'bench_one'); // the first one loads code everywhere
  const all: number[] = [];
  for (let count = 0; count < RUNS_OF_ONE; count += 1) {
    const { triggered, tasks } = await run(api, 'bench_one');
    if (tasks.some(task => task.state !== 'success')) {
      throw new Error(`bench_one does not succeed: its task is ${tasks[0]?.state}`);
    }
    all.push(...waits(triggered, tasks));
  }
  return all;
}

export async function measureParallelTasks(api: AirflowApi): Promise<ParallelTasks> {
  const watch = new AbortController();
  const answers = slowestAnswer(api, watch.signal);
  const { triggered, tasks } = await run(api, 'bench_many');
  watch.abort();
  const ended = tasks.filter(task => task.state === 'success');
  return {
    waits: waits(triggered, ended),
    total: ended.length === TASKS ? Math.max(...ended.map(task => Date.parse(task.end_date!) - triggered)) / 1000 : undefined,
    slowestAnswer: await answers,
  };
}

/** Starts a run and waits for its end, or for two minutes: `airflow standalone` does not always get to the end of 32 tasks. */
async function run(api: AirflowApi, dagId: string): Promise<{ triggered: number; tasks: TaskInstance[] }> {
  await until(`DAG ${dagId} is known to Airflow`, 90, () => api.dag(dagId));
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

/** Nor does an API server always answer meanwhile. */
export async function patiently<T>(request: () => Promise<T>): Promise<T> {
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
