import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { lock } from 'proper-lockfile';
import { UserError } from '../errors';

/**
 * One `up` per state folder: a Unix socket that answers with the process id. The kernel closes it however the process ends, so
 * nothing is ever left locked.
 */
export class RunLock {
  static async acquire(runFolder: string): Promise<RunLock> {
    const release = await lock(runFolder, { retries: { retries: 50, factor: 1, minTimeout: 100 } }); // two at once must not both find the socket dead
    try {
      const pid = await runningPid(runFolder);
      if (pid !== undefined) {
        throw new UserError(`it is already running (process ${pid}): use the other terminal, or stop it with \`serverless-airflow local down\``);
      }
      rmSync(lockSocket(runFolder), { force: true });
      const server = createServer(connection => connection.on('error', () => {}).end(String(process.pid))).listen(lockSocket(runFolder));
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

/** Process id of the `up` that holds the lock. */
export async function runningPid(runFolder: string): Promise<number | undefined> {
  const connection = connect(lockSocket(runFolder));
  try {
    return Number(await text(connection));
  } catch {
    return undefined; // no socket, or nobody behind it
  }
}

function lockSocket(runFolder: string): string {
  return join(runFolder, 'up.sock');
}
