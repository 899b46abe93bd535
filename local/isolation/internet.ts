import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import type { Internet } from './nftables';
import { exitCode, openLog } from './process';
import { packageFile } from '../install/package-files';
import { superviseCommand } from '../install/supervise';

/** The end of the tasks' way to the Internet that is outside of their network: a process of `up`. See internet.py. */
export class InternetRelay {
  /** Can be offered to when it resolves. */
  static async start(python: string, socket: string, logFile: string): Promise<InternetRelay> {
    const log = openLog(logFile);
    const [command, ...args] = [...superviseCommand({ executable: python }), ...program(python), 'relay', socket];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', log, 'pipe'], detached: true });
    closeSync(log);
    const relay = new InternetRelay(child);
    const ready = await Promise.race([once(child.stdout!, 'data').then(() => true), relay.ended.then(() => false)]);
    if (!ready) throw new Error(`the way to the Internet could not be made: the reason is in ${logFile}`);
    return relay;
  }

  readonly ended: Promise<number>;
  /** Its end is wanted. */
  stopping = false;

  private constructor(private readonly child: ChildProcess) {
    this.ended = exitCode(child);
  }

  stop(): void {
    this.stopping = true;
    (this.child.stdio[3] as Duplex).destroy();
  }
}

/** The other end: gives the relay what listens in this network. */
export async function offerInternet(python: string, socket: string, { relay, resolver }: Internet): Promise<void> {
  const [command, ...args] = [...program(python), 'offer', socket, relay.host, String(relay.port), resolver];
  await promisify(execFile)(command, args);
}

function program(python: string): string[] {
  return [python, '-IS', packageFile('isolation/internet.py')];
}
