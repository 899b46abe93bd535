import { join } from 'node:path';
import { UserError } from '../errors';
import type { Python } from '../install/python';
import type { Isolation, RunningContainer } from '../isolation/isolation';

export interface MotoOptions {
  readonly isolation: Isolation;
  readonly python: Python;
  /** Virtual environment that has moto. */
  readonly venv: string;
  readonly account: string;
  readonly region: string;
  readonly logFile: string;
}

const TASK = 'aws';
const PORT = 5000;
const START_TIMEOUT = 60_000;

/** The moto server: S3 and Secrets Manager in memory. It is a task, so that it ends with the engine however that ends. */
export class Moto {
  static async start(options: MotoOptions): Promise<Moto> {
    const { isolation, python, venv, account, region, logFile } = options;
    const host = await isolation.addTask(TASK);
    const container = await isolation.start({
      taskId: TASK,
      name: 'moto',
      argv: [join(venv, 'bin', 'python'), join(venv, 'bin', 'moto_server'), '-H', host, '-p', String(PORT)],
      environment: {
        PATH: '/usr/bin:/bin',
        HOME: '/tmp',
        PYTHONUNBUFFERED: '1',
        MOTO_ACCOUNT_ID: account,
        AWS_DEFAULT_REGION: region,
        // an address is no bucket name: without it the first label of the host would be one
        S3_IGNORE_SUBDOMAIN_BUCKETNAME: 'true',
      },
      uid: 65534,
      gid: 65534,
      workingDirectory: '/tmp',
      readonlyRootFilesystem: false,
      tmpfs: [],
      directories: [venv, python.prefix].map(folder => ({ host: folder, container: folder, writable: false })),
      logFile,
    });
    const moto = new Moto(host, container);
    await moto.untilReady(logFile);
    return moto;
  }

  readonly port = PORT;
  private ended = false;

  private constructor(readonly host: string, private readonly container: RunningContainer) {
    void container.exited.then(() => {
      this.ended = true;
    });
  }

  get endpoint(): string {
    return `http://${this.host}:${this.port}`;
  }

  /** At once: it holds nothing that is not mirrored. */
  async stop(): Promise<void> {
    this.container.kill();
    await this.container.exited;
  }

  private async untilReady(logFile: string): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT;
    for (;;) {
      try {
        await fetch(`${this.endpoint}/moto-api/data.json`);
        return;
      } catch {
        if (this.ended || Date.now() > deadline) {
          throw new UserError(`the local AWS API (moto) did not start: the reason is in ${logFile}`);
        }
        await new Promise(resolve => setTimeout(resolve, 30));
      }
    }
  }
}
