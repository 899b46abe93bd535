import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { lock } from 'proper-lockfile';
import { UserError } from '../errors';

const SOCKET = 'up.sock';
const PID = 'up.pid';
/** What stands in the run folder for the lock. */
export const LOCK_FILES = [SOCKET, PID];

/** Until a holder that does not answer counts as one that hangs. */
const ANSWER_MILLISECONDS = 3000;

/**
 * One `up` per state folder: a Unix socket that answers with the process id. The kernel closes it however the process ends, so
 * nothing is ever left locked.
 */
export class RunLock {
  static async acquire(runFolder: string): Promise<RunLock> {
    // two at once must not both find the socket dead; longer than the 10 s after which the lock of one that was killed here is stale
    const release = await lock(runFolder, { retries: { retries: 150, factor: 1, minTimeout: 100, maxTimeout: 100 } });
    try {
      const pid = await runningPid(runFolder);
      if (pid !== undefined) {
        throw new UserError(`it is already running (process ${pid}): use the other terminal, or stop it with \`npx serverless-airflow local down\``);
      }
      rmSync(join(runFolder, SOCKET), { force: true });
      writeFileSync(join(runFolder, PID), String(process.pid));
      const server = createServer(connection => connection.on('error', () => {}).end(String(process.pid))).listen(join(runFolder, SOCKET));
      await once(server, 'listening');
      server.unref();
      return new RunLock(server);
    } finally {
      await release();
    }
  }

  private constructor(private readonly server: Server) {}

  release(): void {
    this.server.close();
  }
}

/** Process id of the `up` that holds the lock, even if it hangs. */
export async function runningPid(runFolder: string): Promise<number | undefined> {
  const connection = connect(join(runFolder, SOCKET));
  let hangs = false;
  connection.setTimeout(ANSWER_MILLISECONDS, () => {
    hangs = !connection.connecting;
    connection.destroy();
  });
  try {
    return Number(await text(connection));
  } catch {
    // else there is no socket, or nobody behind it
    return hangs ? Number(readFileSync(join(runFolder, PID), 'utf-8')) : undefined;
  }
}
