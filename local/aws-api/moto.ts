import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { Agent, request, type AgentOptions, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { UserError } from '../errors';
import type { Python } from '../install/python';
import type { Isolation, RunningContainer } from '../isolation/isolation';
import { KeptRunning } from '../isolation/kept-running';
import { until } from '../until';

export interface MotoOptions {
  readonly isolation: Isolation;
  readonly python: Python;
  /** Virtual environment that has moto. */
  readonly venv: string;
  readonly account: string;
  readonly region: string;
  /** Folder for its socket, of its own. */
  readonly socketFolder: string;
  readonly logFile: string;
  /** What people should know at once. */
  readonly tell?: (text: string) => void;
}

const TASK = 'aws';
const SOCKET = 'moto.sock';
/** What moto takes for the host; it would let a name decide which service is meant. */
const HOST = 'localhost';
const START_SECONDS = 60;

/**
 * The moto server: S3 and Secrets Manager in memory. It is a task, so that it ends with the engine however that ends, and listens on a socket
 * that no other task can reach: it believes everybody.
 */
export class Moto {
  static async start(options: MotoOptions): Promise<Moto> {
    await options.isolation.addTask(TASK, { name: TASK, securityGroups: [] });
    const moto = new Moto(options);
    await moto.server.start();
    return moto;
  }

  /** To be called before requests can be answered: it forgets everything when it ends. */
  restore?: () => Promise<unknown>;
  private readonly server: KeptRunning;
  private readonly agent: Agent;

  private constructor(private readonly options: MotoOptions) {
    this.agent = new Agent({ keepAlive: true, socketPath: join(options.socketFolder, SOCKET) } as AgentOptions);
    this.server = new KeptRunning({
      name: 'the local AWS API (moto)',
      start: async () => this.launch(),
      untilReady: async container => this.untilReady(container),
      tell: options.tell,
    });
  }

  /** Resolved while it answers and knows everything. */
  get ready(): Promise<void> {
    return this.server.ready;
  }

  /** See `KeptRunning`. */
  get news(): string | undefined {
    return this.server.news;
  }

  /** Options of an SDK's client; whose key it is does not matter to moto. */
  get client() {
    const key = { accessKeyId: 'moto', secretAccessKey: 'moto' };
    return { endpoint: `http://${HOST}`, credentials: key, requestHandler: { httpAgent: this.agent } };
  }

  request(method: string, path: string, headers: IncomingHttpHeaders): ClientRequest {
    return request({ agent: this.agent, method, path, headers: { ...headers, host: HOST } });
  }

  /** At once: it holds nothing that is not mirrored. */
  async stop(): Promise<void> {
    await this.server.stop(container => container.kill());
    this.agent.destroy();
  }

  private async launch(): Promise<RunningContainer> {
    const { isolation, python, venv, account, region, socketFolder, logFile } = this.options;
    const socket = join(socketFolder, SOCKET);
    mkdirSync(socketFolder, { recursive: true, mode: 0o700 });
    rmSync(socket, { force: true }); // of one that was killed
    return isolation.start({
      taskId: TASK,
      name: 'moto',
      argv: [join(venv, 'bin', 'python'), join(venv, 'bin', 'moto_server'), '-H', `unix://${socket}`],
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
      volumes: [],
      directories: [
        ...[venv, python.prefix].map(folder => ({ host: folder, container: folder, writable: false })),
        { host: socketFolder, container: socketFolder, writable: true },
      ],
      logFile,
    });
  }

  private async untilReady(container: RunningContainer): Promise<void> {
    const failure = () => new UserError(`the local AWS API (moto) did not start: the reason is in ${this.options.logFile}`);
    let ended = false;
    void container.exited.then(() => {
      ended = true;
    });
    await until(failure, START_SECONDS, async () => {
      try {
        const probe = this.request('GET', '/moto-api/data.json', {}).end();
        const [response] = await once(probe, 'response') as [IncomingMessage];
        response.resume();
        return true;
      } catch {
        if (ended) {
          throw failure();
        }
        return undefined;
      }
    }, 30);
    await this.restore?.();
  }
}
