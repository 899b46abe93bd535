import { join } from 'node:path';
import pc from 'picocolors';
import type { GlobalOptions } from './app';
import { Display } from './display';
import { EngineClient } from '../engine/engine-client';
import type { CloudOptions, FromEngine, StartEngine } from '../engine/messages';
import { clearRunFolder } from '../engine/run-folder';
import { RunLock } from '../engine/run-lock';
import { createFolders, type StateFolders } from '../engine/state';
import { UserError } from '../errors';
import { denialLine } from '../iam/denials';
import { installSoftware, type Software } from '../install/installation';
import { InternetRelay } from '../isolation/internet';
import { prepareMemoryLimits, removeMemoryLimits } from '../isolation/memory';
import { probeIsolation } from '../isolation/probe';

export interface EngineRunOptions extends Pick<GlobalOptions, 'isolation'> {
  readonly internet?: boolean;
}

/** Does something while nobody else uses the folders of a run. */
export async function inFolders<T>(folders: StateFolders, work: () => Promise<T>): Promise<T> {
  createFolders(folders);
  const lock = await RunLock.acquire(folders.run);
  try {
    await clearRunFolder(folders.run);
    return await work();
  } finally {
    lock.release();
  }
}

/** An engine in the foreground, from installation to the last process's end. */
export class EngineRun {
  readonly display = new Display();
  readonly began = Date.now();
  private readonly interrupted = new AbortController();
  private engine?: EngineClient;
  private internet?: InternetRelay;
  private memoryFolder?: string;
  private exitCode?: number;
  private failure?: UserError;

  constructor(private readonly title: string, private readonly folders: StateFolders, private readonly options: EngineRunOptions) {}

  /** Whether it is on its way to its end. */
  get isEnding(): boolean {
    return this.exitCode !== undefined || this.failure !== undefined;
  }

  /** Until Ctrl-C (exit code 130) or `down` (0). */
  async run(start: (options: CloudOptions) => StartEngine, onMessage: (message: FromEngine) => void): Promise<number> {
    try {
      const { level, securityGroups, limitations } = probeIsolation(this.options.isolation, this.options.internet);
      // Not earlier: the trial runs without a look at signals, and until here a signal's own effect is right: nothing has to be put in order.
      process.on('SIGINT', () => this.interrupt(130));
      process.on('SIGTERM', () => this.interrupt(0)); // what `down` sends
      process.on('SIGHUP', () => this.interrupt(129));
      this.display.line(`${pc.bold(this.title)} with isolation ${pc.bold(level)}`);
      const memory = prepareMemoryLimits(level);
      this.memoryFolder = memory.folder;
      [...limitations, memory.limitation ?? []].flat().forEach(limitation => this.display.line(pc.yellow(limitation)));
      const software = await installSoftware(text => this.display.line(text), this.interrupted.signal);
      const internetSocket = this.options.internet && level !== 'loopback' ? join(this.folders.run, 'internet.sock') : undefined;
      if (internetSocket !== undefined) await this.startInternet(software, internetSocket);
      this.interrupted.signal.throwIfAborted();
      this.engine = new EngineClient(start({ level, securityGroups, memoryFolder: memory.folder, folders: this.folders, software, internetSocket }));
      await this.untilEnd(this.engine, onMessage);
    } catch (error) {
      if (this.exitCode === undefined) {
        throw error;
      }
    } finally {
      this.internet?.stop();
      if (this.memoryFolder !== undefined) removeMemoryLimits(this.memoryFolder);
      this.display.end();
    }
    return this.exitCode!;
  }

  private async startInternet({ python }: Software, socket: string): Promise<void> {
    const logFile = join(this.folders.logs, 'internet', 'internet.log');
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

  private async untilEnd(engine: EngineClient, onMessage: (message: FromEngine) => void): Promise<void> {
    engine.on('message', (message: FromEngine) => {
      switch (message.type) {
        case 'note':
          this.display.line(message.text);
          break;
        case 'denial':
          this.display.line(pc.red(denialLine(message.denial)));
          break;
        case 'failed':
          if (process.env.SERVERLESS_AIRFLOW_DEBUG && message.stack) {
            this.display.line(message.stack);
          }
          this.failure ??= new UserError(message.message);
          void engine.stop();
          break;
        default:
          onMessage(message);
      }
    });
    await engine.ended;
    if (this.failure) {
      throw this.failure;
    }
  }
}
