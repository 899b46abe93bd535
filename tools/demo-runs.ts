import { HANGS_SECONDS } from './checks';
import { table } from './table';
import { AirflowApi, DagRun, LogLine, TaskInstance } from '../local/airflow-api';
import { until } from '../local/until';

export const DAGS = ['orders_report', 'stored_connection', 'retry_once'];

export interface Attempt {
  readonly task: TaskInstance;
  /** Where Airflow read the log from. */
  readonly location: string;
  readonly lastLine: string;
}

export interface FinishedRun {
  readonly run: DagRun;
  readonly attempts: Attempt[];
}

/** Starts a DAG as soon as Airflow knows it, and waits until the run has ended, for so many seconds. */
export async function runDag(api: AirflowApi, dagId: string, conf?: Record<string, unknown>, limit = HANGS_SECONDS): Promise<DagRun> {
  await until(`DAG ${dagId} is known to Airflow`, HANGS_SECONDS, () => api.dag(dagId));
  const started = await api.trigger(dagId, conf);
  return until(`the run of ${dagId} ends`, limit, async () => {
    const run = await api.dagRun(started);
    return run.state === 'success' || run.state === 'failed' ? run : undefined;
  }, 500);
}

/** Starts the DAGs at the same time and waits for all of them. */
export async function runDags(api: AirflowApi): Promise<FinishedRun[]> {
  return Promise.all(DAGS.map(async dagId => {
    const run = await runDag(api, dagId);
    // one by one: Airflow's API server runs out of connections to its database when it is asked for dozens at once
    const attempts: Attempt[] = [];
    for (const task of await api.taskInstances(run)) {
      for (const attempt of await api.tries(task)) {
        // The worker uploads the log after it has reported the state; until then Airflow reads it from the worker.
        const log = await until(`log of ${taskName(attempt)} in S3`, HANGS_SECONDS, async () => {
          const lines = await api.log(attempt);
          return source(lines)?.startsWith('s3://') ? lines : undefined;
        });
        attempts.push({ task: attempt, location: source(log)!, lastLine: lastLine(log) });
      }
    }
    return { run, attempts: attempts.sort((a, b) => begin(a.task) - begin(b.task)) };
  }));
}

export function describeRuns(runs: FinishedRun[]): string {
  const attempts = runs.flatMap(run => run.attempts);
  const tasks = table(
    ['DAG', 'task', 'try', 'state', 'worker', 'queue', 'wait', 'run'],
    attempts.map(({ task }) => [
      task.dag_id,
      taskName(task),
      String(task.try_number),
      task.state ?? '-',
      task.hostname ?? '-',
      task.queue,
      seconds(task.scheduled_when, task.start_date),
      seconds(task.start_date, task.end_date),
    ]),
    ['try', 'wait', 'run'],
  );
  const logs = attempts.map(attempt => `${attempt.location}\n    ${attempt.lastLine}`);
  return [tasks, '', 'Logs, each with the last line that its task wrote:', ...logs].join('\n');
}

export function taskName(task: TaskInstance): string {
  return task.map_index < 0 ? task.task_id : `${task.task_id}[${task.map_index}]`;
}

/** The first lines of a log say where Airflow found it. */
function source(log: LogLine[]): string | undefined {
  return log.map(line => line.event).find(event => /^(s3:\/\/|https?:\/\/|\/)/.test(event));
}

/** The last line from the task's own code, what it printed or the error it ended with; Airflow's own lines follow it in every log. */
export function lastLine(log: LogLine[]): string {
  const own = log.filter(line => line.logger === 'task.stdout' || line.error_detail !== undefined);
  const last = own.at(-1) ?? log.filter(line => !line.event.startsWith('::')).at(-1); // ::group:: and ::endgroup:: fold lines
  const error = last?.error_detail?.at(-1);
  return error ? `${error.exc_type}: ${error.exc_value}` : last?.event ?? '';
}

function begin(task: TaskInstance): number {
  return Date.parse(task.start_date ?? '');
}

function seconds(from: string | null, to: string | null): string {
  return from && to ? `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s` : '-';
}
