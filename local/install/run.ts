import { spawn, type SpawnOptions } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { UserError } from '../errors';
import { superviseCommand } from './supervise';

export interface RunOptions extends Pick<SpawnOptions, 'cwd' | 'env'> {
  /** Kills the program and all that it has started, for Ctrl-C in the middle of an installation. */
  readonly signal?: AbortSignal;
}

/** Runs an installer to its end and returns what it printed. Its last lines are the error when it fails. Nothing of it outlives this process. */
export async function run(python: { readonly executable: string }, command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { signal, ...spawnOptions } = options;
  signal?.throwIfAborted();
  const [supervisor, ...supervised] = [...superviseCommand(python), command, ...args];
  const child = spawn(supervisor, supervised, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], ...spawnOptions });
  const kill = () => void (child.stdio[3] as Duplex).destroy();
  signal?.addEventListener('abort', kill);
  try {
    return await new Promise<string>((resolve, reject) => {
      let output = '';
      const collect = (chunk: Buffer) => {
        output += chunk.toString();
      };
      child.stdout!.on('data', collect);
      child.stderr!.on('data', collect);
      child.on('error', reject);
      child.on('exit', () => kill()); // our end of the pipe
      child.on('close', code => {
        if (code === 0) resolve(output);
        else reject(signal?.aborted ? signal.reason as Error : installationError([command, ...args].join(' '), output));
      });
    });
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

const NO_SPACE = /ENOSPC|no space left on device|os error 28/i;
const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|name resolution|dns error|connection refused|timed out|network is unreachable|error sending request/i;

/** The usual reasons in one sentence; everything else with the installer's own last lines. */
export function installationError(command: string, output: string): UserError {
  const lines = output.trim().split('\n');
  const reason = lines.slice(-6).join('\n');
  if (NO_SPACE.test(output)) {
    return new UserError('the disk is full: the local runner needs about 1 GB in its cache folder (XDG_CACHE_HOME moves it); free some space and repeat the command');
  }
  if (NO_NETWORK.test(output)) {
    return new UserError(`the package registry cannot be reached (needed for the first start only): check the network or the proxy settings and repeat the command. ${lines.at(-1)}`);
  }
  return new UserError(`an installation failed: ${command}\n${reason}`);
}
