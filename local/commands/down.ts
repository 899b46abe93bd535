import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { openApp, type GlobalOptions } from './app';
import { untilEngineHasEnded } from '../engine/run-folder';
import { runningPid } from '../engine/run-lock';
import { isStateFolder, type StateFolders } from '../engine/state';
import { sendSignal } from '../isolation/process';
import { until } from '../until';

export interface DownOptions extends GlobalOptions {
  readonly delete?: boolean;
}

const STOP_SECONDS = 20;

/** Stops a running `up`, and one that hangs; its state stays unless it is to be deleted. */
export async function down(options: DownOptions): Promise<number> {
  const { folders } = openApp(options);
  console.log(await stop(folders.run));
  if (options.delete) {
    console.log(await deleteState(folders));
  }
  return 0;
}

async function deleteState({ state, run }: StateFolders): Promise<string> {
  if (!isStateFolder(state)) {
    return `nothing to delete: ${state} ${existsSync(state) ? 'is no state folder of a run' : 'does not exist'}`;
  }
  for (const folder of [state, run]) {
    await rm(folder, { recursive: true, force: true });
  }
  return `deleted ${state}`;
}

/** What was done; nothing is left of the run when it resolves. */
async function stop(runFolder: string): Promise<string> {
  const pid = await runningPid(runFolder);
  if (pid === undefined) {
    await untilEngineHasEnded(runFolder); // of an `up` that has just been killed
    return 'it was not running';
  }
  sendSignal(pid, 'SIGTERM');
  const ended = async () => until('', STOP_SECONDS, async () => await runningPid(runFolder) === pid ? undefined : true, 100);
  let done = 'stopped';
  await ended().catch(async () => {
    sendSignal(pid, 'SIGKILL'); // what runs below it ends with it
    done = `killed: it had not ended after ${STOP_SECONDS} s`;
    await ended();
  });
  await untilEngineHasEnded(runFolder);
  return done;
}
