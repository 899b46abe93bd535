import { setTimeout as sleep } from 'node:timers/promises';
import pc from 'picocolors';
import { openApp, type GlobalOptions } from './app';
import { TriggerApi } from './trigger-api';
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
  const api = await TriggerApi.logIn(portSocket(folders.run, index), login.username, login.password);
  await api.unpause(dag);
  const run = await api.trigger(dag, conf);
  console.log(run);
  if (!options.wait) {
    return 0;
  }
  const state = await follow(api, dag, run);
  console.log(state === 'success' ? pc.green(`${dag}: success`) : pc.red(`${dag}: ${state}`));
  return state === 'success' ? 0 : 1;
}

/** Prints each task when its state changes. */
async function follow(api: TriggerApi, dag: string, run: string): Promise<string> {
  const printed = new Map<string, string | null>();
  for (;;) {
    const state = await api.runState(dag, run);
    for (const { task_id: task, map_index: index, state: taskState } of await api.taskInstances(dag, run)) {
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

function parseConf(conf: string | undefined): unknown {
  try {
    return JSON.parse(conf ?? '{}');
  } catch (error) {
    throw new UserError(`--conf ${conf} is not JSON: ${(error as Error).message}`);
  }
}
