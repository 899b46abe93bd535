import { rm } from 'node:fs/promises';
import { openApp, type GlobalOptions } from './app';
import { runningPid } from '../engine/run-lock';
import { isStateFolder } from '../engine/state';
import { UserError } from '../errors';
import { until } from '../until';

export interface DownOptions extends GlobalOptions {
  readonly delete?: boolean;
}

const STOP_SECONDS = 20;

/** Stops a running `up`; its state stays unless it is to be deleted. */
export async function down(options: DownOptions): Promise<number> {
  const { folders } = openApp(options);
  const pid = await runningPid(folders.run);
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    const failure = () => new UserError(`process ${pid} does not end: stop it with \`kill -KILL ${pid}\``);
    await until(failure, STOP_SECONDS, async () => await runningPid(folders.run) === undefined ? true : undefined, 100);
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
