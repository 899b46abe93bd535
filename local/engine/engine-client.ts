import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { FromEngine, StartEngine, ToEngine } from './messages';
import { engineSocket } from './run-folder';
import { UserError } from '../errors';
import { superviseCommand } from '../install/supervise';
import { enterCommand } from '../isolation/probe';

/** Containers have 10 s, databases and the rest what is left. */
const STOP_TIMEOUT = 14_000;

/** The engine as `up` sees it: a process in namespaces of its own. Its supervisor ends it with this process, and itself last of all. Emits `message`. */
export class EngineClient extends EventEmitter<{ message: [FromEngine] }> {
  /** When nothing is left of it; rejects when it ends before it was asked to. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private stopping = false;

  constructor(start: StartEngine) {
    super();
    const { options } = start;
    const logFile = join(options.folders.logs, 'engine', 'engine.log');
    mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
    const log = openSync(logFile, 'a', 0o600);
    const supervise = superviseCommand(options.software.python, engineSocket(options.folders.run));
    const [command, ...args] = [...supervise, ...enterCommand(options.level), process.execPath, ...process.execArgv, process.argv[1], 'local', 'engine'];
    this.child = spawn(command, args, {
      stdio: ['ignore', log, log, 'pipe', 'ipc'],
      detached: true, // a session of its own: Ctrl-C in the terminal is for `up`, which asks the engine to stop
    });
    closeSync(log);
    this.child.on('message', message => this.emit('message', message as FromEngine));
    this.child.on('error', error => this.emit('message', { type: 'failed', message: error.message, stack: error.stack }));
    this.ended = once(this.child, 'exit').then(() => {
      if (!this.stopping) {
        throw new UserError(`the engine ended unexpectedly: the reason is in ${logFile}`);
      }
    });
    this.ended.catch(() => {}); // whoever waits for it is told
    this.send(start);
  }

  /** Everything is stopped in order; what takes too long is killed. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.send({ type: 'stop' });
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT);
    await this.ended.catch(() => {});
    clearTimeout(timer);
  }

  /** At once, even if it hangs. */
  kill(): void {
    this.stopping = true;
    (this.child.stdio[3] as Duplex).destroy();
  }

  private send(message: ToEngine): void {
    if (this.child.connected) {
      this.child.send(message);
    }
  }
}
