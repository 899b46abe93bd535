import { setTimeout as sleep } from 'node:timers/promises';
import pc from 'picocolors';
import { openApp, type GlobalOptions } from './app';
import { AirflowApi, AirflowApiError, type DagRun } from '../airflow-api';
import { ControlClient } from '../engine/control-client';
import { publishedPorts, portSocket } from '../engine/published-ports';
import { UserError } from '../errors';

export interface TriggerOptions extends GlobalOptions {
  readonly wait?: boolean;
  /** JSON */
  readonly conf?: string;
}

const POLL_MILLISECONDS = 500;

/** Starts a run of a DAG as the admin user; with `--wait` the exit code says how it ended. */
export async function trigger(dag: string, options: TriggerOptions): Promise<number> {
  const conf = parseConf(options.conf);
  const { folders, stack } = openApp(options);
  const login = (await new ControlClient(folders.run).logins()).find(({ service }) => service === 'web-server');
  const ports = publishedPorts(stack, []);
  const index = ports.findIndex(({ containerName }) => containerName === 'web-server');
  if (!login || index < 0) {
    throw new UserError('the stack has no web server with an admin user: trigger the DAG in another way, for example with exec');
  }
  const api = AirflowApi.atSocket(portSocket(folders.run, index), login);
  const run = await api.trigger(dag, conf).catch(error => { throw new UserError(reason(dag, error)); });
  console.log(run.dag_run_id);
  if (!options.wait) {
    return 0;
  }
  const state = await follow(api, run).catch(error => {
    throw new UserError(`${run.dag_run_id} goes on, but cannot be followed: ${reason(dag, error)}`);
  });
  console.log(state === 'success' ? pc.green(`${dag}: success`) : pc.red(`${dag}: ${state}`));
  return state === 'success' ? 0 : 1;
}

function reason(dag: string, error: Error): string {
  if (!(error instanceof AirflowApiError)) {
    return 'the web server does not answer: look at `npx serverless-airflow local status`';
  }
  return error.status === 404
    ? `no DAG ${dag}: Airflow reads new files within a minute, and says what is wrong with one at the top of its web interface`
    : `Airflow refuses: ${error.message}`;
}

/** Prints each task when its state changes. */
async function follow(api: AirflowApi, run: DagRun): Promise<string> {
  const printed = new Map<string, string | null>();
  for (;;) {
    const { state } = await api.dagRun(run);
    for (const { task_id: task, map_index: index, state: taskState } of await api.taskInstances(run)) {
      const name = index < 0 ? task : `${task}[${index}]`;
      if (taskState !== null && printed.get(name) !== taskState) {
        printed.set(name, taskState);
        console.log(`  ${name}: ${taskState}`);
      }
    }
    if (state === 'success' || state === 'failed') {
      return state;
    }
    await sleep(POLL_MILLISECONDS);
  }
}

function parseConf(conf: string | undefined): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(conf ?? '{}');
  } catch (error) {
    throw new UserError(`--conf ${conf} is not JSON (${(error as Error).message}): give an object, for example --conf '{"day": "2026-01-31"}'`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError(`--conf ${conf} is not a JSON object: give one, for example --conf '{"day": "2026-01-31"}'`);
  }
  return value as Record<string, unknown>;
}
