import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openApp, type GlobalOptions } from './app';
import { runningPid } from '../engine/run-lock';
import { isStateFolder } from '../engine/state';
import { UserError } from '../errors';

export interface DownOptions extends GlobalOptions {
  readonly delete?: boolean;
}

const TIMEOUT = 20_000;

/** Stops a running `up`; its state stays unless it is to be deleted. */
export async function down(options: DownOptions): Promise<number> {
  const { folders } = openApp(options);
  const pid = await runningPid(folders.run);
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    const deadline = Date.now() + TIMEOUT;
    while (await runningPid(folders.run) !== undefined) {
      if (Date.now() > deadline) {
        throw new UserError(`process ${pid} does not end: stop it with \`kill -KILL ${pid}\``);
      }
      await sleep(100);
    }
  }
  console.log(pid === undefined ? 'it was not running' : 'stopped');
  if (options.delete && isStateFolder(folders.state)) {
    for (const folder of [folders.state, folders.run]) {
      await rm(folder, { recursive: true, force: true });
    }
    console.log(`deleted ${folders.state}`);
  }
  return 0;
}
