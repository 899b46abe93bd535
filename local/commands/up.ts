import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import pc from 'picocolors';
import { openApp, type App, type GlobalOptions } from './app';
import { Display } from './display';
import { aboutSameApp } from './hints';
import { summary } from './resources';
import type { Deployment } from '../cloudformation';
import type { ServiceStatus } from '../ecs/cluster';
import { EngineClient } from '../engine/engine-client';
import type { FromEngine } from '../engine/messages';
import { publishedPorts, portSocket, type PublishedPort } from '../engine/published-ports';
import { relay } from '../engine/relay';
import { clearRunFolder } from '../engine/run-folder';
import { RunLock } from '../engine/run-lock';
import { createFolders } from '../engine/state';
import { UserError } from '../errors';
import { denialLine } from '../iam/denials';
import { installSoftware, type Software } from '../install/installation';
import { InternetRelay } from '../isolation/internet';
import { prepareMemoryLimits, removeMemoryLimits } from '../isolation/memory';
import { probeIsolation } from '../isolation/probe';

export interface UpOptions extends GlobalOptions {
  readonly publish?: string[];
  readonly internet?: boolean;
}

/** Starts the stack and stays until Ctrl-C (exit code 130) or `down` (0). */
export async function up(options: UpOptions): Promise<number> {
  const app = openApp(options);
  const wanted = publishedPorts(app.stack, options.publish ?? []);
  createFolders(app.folders);
  const lock = await RunLock.acquire(app.folders.run);
  try {
    await clearRunFolder(app.folders.run);
    return await new Up(app, wanted, options).run();
  } finally {
    lock.release();
  }
}

/** One run, from installation to the last process's end. */
class Up {
  private readonly display = new Display();
  private readonly began = Date.now();
  private readonly interrupted = new AbortController();
  private engine?: EngineClient;
  private internet?: InternetRelay;
  private memoryFolder?: string;
  private exitCode?: number;
  /** Set while all has been created and not everything has been healthy yet. */
  private ready?: (services: readonly ServiceStatus[]) => void;

  constructor(private readonly app: App, private readonly wanted: PublishedPort[], private readonly options: UpOptions) {}

  async run(): Promise<number> {
    const servers: Server[] = [];
    try {
      for (const [index, port] of this.wanted.entries()) {
        servers.push(await this.publish(port, index));
      }
      const { level, securityGroups, limitations } = probeIsolation(this.options.isolation, this.options.internet);
      // Not earlier: the trial runs without a look at signals, and until here a signal's own effect is right: nothing has to be put in order.
      process.on('SIGINT', () => this.interrupt(130));
      process.on('SIGTERM', () => this.interrupt(0)); // what `down` sends
      process.on('SIGHUP', () => this.interrupt(129));
      this.display.line(`${pc.bold(this.app.stack.displayName)} with isolation ${pc.bold(level)}`);
      const memory = prepareMemoryLimits(level);
      this.memoryFolder = memory.folder;
      [...limitations, memory.limitation ?? []].flat().forEach(limitation => this.display.line(pc.yellow(limitation)));
      const software = await installSoftware(text => this.display.line(text), this.interrupted.signal);
      const { assembly, folders, stack } = this.app;
      const published = this.wanted.map((port, index) => ({ ...port, socket: portSocket(folders.run, index) }));
      const internetSocket = this.options.internet && level !== 'loopback' ? join(folders.run, 'internet.sock') : undefined;
      if (internetSocket !== undefined) await this.startInternet(software, internetSocket);
      this.interrupted.signal.throwIfAborted();
      this.engine = new EngineClient({
        level, securityGroups, memoryFolder: memory.folder, folders, assembly, stackName: stack.displayName, software, published, internetSocket,
      });
      await this.untilEnd(this.engine, servers);
    } catch (error) {
      if (this.exitCode === undefined) {
        throw error;
      }
    } finally {
      servers.forEach(server => server.close());
      this.internet?.stop();
      if (this.memoryFolder !== undefined) removeMemoryLimits(this.memoryFolder);
      this.display.end();
    }
    return this.exitCode!;
  }

  private async startInternet({ python }: Software, socket: string): Promise<void> {
    const logFile = join(this.app.folders.logs, 'internet', 'internet.log');
    const internet = this.internet = await InternetRelay.start(python.executable, socket, logFile);
    void internet.ended.then(() => {
      if (!internet.stopping) this.display.line(pc.red(`the way to the Internet has ended: the reason is in ${logFile}; start again to have one`));
    });
  }

  /** The first time in order, the second time at once. Before there is an engine, nothing has to be put in order. */
  private interrupt(exitCode: number): void {
    if (this.exitCode !== undefined) {
      this.engine?.kill();
      return;
    }
    this.exitCode = exitCode;
    this.interrupted.abort();
    if (this.engine) {
      this.display.line('stopping (again to stop at once) …');
      void this.engine.stop();
    }
  }

  private async untilEnd(engine: EngineClient, servers: Server[]): Promise<void> {
    let failure: UserError | undefined;
    engine.on('message', (message: FromEngine) => {
      switch (message.type) {
        case 'resource':
          this.display.resource(message.event);
          break;
        case 'services':
          if (this.exitCode === undefined && !failure) {
            this.display.update(message.services);
            this.ready?.(message.services);
          }
          break;
        case 'note':
          this.display.line(message.text);
          break;
        case 'denial':
          this.display.line(pc.red(denialLine(message.denial)));
          break;
        case 'ready':
          this.ready = services => this.announce(services, message.deployment, servers);
          this.display.update(message.services);
          this.ready(message.services);
          break;
        case 'failed':
          if (process.env.SERVERLESS_AIRFLOW_DEBUG && message.stack) {
            this.display.line(message.stack);
          }
          failure ??= new UserError(message.message);
          void engine.stop();
          break;
      }
    });
    await engine.ended;
    if (failure) {
      throw failure;
    }
  }

  /** Once, as soon as all of it is true at the same time: a service that was healthy may have begun anew while others started. */
  private announce(services: readonly ServiceStatus[], deployment: Deployment, servers: Server[]): void {
    if (!services.every(({ steady }) => steady)) return;
    this.ready = undefined;
    const seconds = ((Date.now() - this.began) / 1000).toFixed(1);
    // of the past: how they are now is below, and changes
    this.display.line(pc.green(`everything was healthy after ${seconds} s`));
    servers.forEach((server, index) => {
      const { port } = server.address() as AddressInfo;
      this.display.line(`  ${this.wanted[index].containerName}: ${pc.bold(`http://localhost:${port}`)}`);
    });
    for (const line of [...summary(deployment), 'log-in: npx serverless-airflow local status --credentials; stop: Ctrl-C']) {
      this.display.line(pc.dim(aboutSameApp(line, this.options)));
    }
  }

  private async publish({ containerName, hostPort }: PublishedPort, index: number): Promise<Server> {
    return relay({ host: '127.0.0.1', port: hostPort }, () => ({ path: portSocket(this.app.folders.run, index) })).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') {
        throw new UserError(`port ${hostPort} on 127.0.0.1 is ${error.code === 'EACCES' ? 'reserved' : 'in use'}: choose another one with --publish ${containerName}=<port> (0 for any free one)`);
      }
      throw error;
    });
  }
}
