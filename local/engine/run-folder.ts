import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { LOCK_FILES } from './run-lock';
import { UserError } from '../errors';
import { until } from '../until';

/** How long the kernel may need for the processes of an engine that has been killed. */
const END_SECONDS = 60;

/** Takes connections as long as any process of an engine is left. */
export function engineSocket(runFolder: string): string {
  return join(runFolder, 'engine.sock');
}

/** Of a run whose `up` has ended, in whatever way. */
export async function untilEngineHasEnded(runFolder: string): Promise<void> {
  const failure = () => new UserError(`processes of an earlier run do not end: look for them with \`ps -ef | grep ${engineSocket(runFolder)}\``);
  await until(failure, END_SECONDS, async () => {
    const connection = connect(engineSocket(runFolder));
    const isLeft = await once(connection, 'connect').then(() => true, () => false);
    connection.destroy();
    return isLeft ? undefined : true;
  }, 20);
}

/** Sockets of a run that was killed: nobody could listen in their place. To be called with the lock held. */
export async function clearRunFolder(runFolder: string): Promise<void> {
  await untilEngineHasEnded(runFolder);
  for (const name of readdirSync(runFolder).filter(entry => !LOCK_FILES.includes(entry))) {
    rmSync(join(runFolder, name), { recursive: true });
  }
}
