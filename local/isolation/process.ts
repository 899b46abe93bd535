import type { ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';

/** As Docker reports it: 128 + n after signal n. */
export async function exitCode(child: ChildProcess): Promise<number> {
  return new Promise(done => {
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal!]));
    child.once('error', () => done(127));
  });
}

/** To a process that may have ended meanwhile. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'a', 0o600);
}

export function lastLine(file: string): string {
  return readFileSync(file, 'utf-8').trim().split('\n').at(-1)!;
}
