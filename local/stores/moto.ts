import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface MotoOptions {
  /** Virtual environment that has moto. */
  readonly venv: string;
  readonly account: string;
  readonly region: string;
  readonly logFile: string;
}

const START_TIMEOUT = 60_000;

/** The moto server: S3 and Secrets Manager in memory, reachable by the engine only. */
export class Moto {
  static async start(options: MotoOptions): Promise<Moto> {
    const port = await freePort();
    const log = openSync(options.logFile, 'a', 0o600);
    const child = spawn(join(options.venv, 'bin', 'python'), [join(options.venv, 'bin', 'moto_server'), '-H', '127.0.0.1', '-p', String(port)], {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env.PATH,
        PYTHONUNBUFFERED: '1',
        MOTO_ACCOUNT_ID: options.account,
        AWS_DEFAULT_REGION: options.region,
        // an address is no bucket name: without it the first label of the host would be one
        S3_IGNORE_SUBDOMAIN_BUCKETNAME: 'true',
      },
    });
    const moto = new Moto(child, port);
    await moto.untilReady(options.logFile);
    return moto;
  }

  private constructor(private readonly child: ChildProcess, readonly port: number) {}

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** It holds nothing that is not mirrored. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
  }

  private async untilReady(logFile: string): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT;
    for (;;) {
      try {
        await fetch(`${this.endpoint}/moto-api/data.json`);
        return;
      } catch {
        if (this.child.exitCode !== null || Date.now() > deadline) {
          throw new Error(`the local AWS API (moto) did not start, see ${logFile}`);
        }
        await new Promise(resolve => setTimeout(resolve, 30));
      }
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
