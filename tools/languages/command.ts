import { spawnSync } from 'node:child_process';

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, whatever that is. */
export function attempt([program, ...args]: string[], { cwd, env }: CommandOptions): Finished {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf-8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) { throw error; }
  return { status, stdout, stderr };
}

/** Runs a command that has to succeed; the error has the end of what it wrote. */
export function succeed(command: string[], options: CommandOptions): Finished {
  const finished = attempt(command, options);
  if (finished.status !== 0) {
    const written = `${finished.stdout}${finished.stderr}`.trimEnd().split('\n').slice(-30).join('\n');
    throw new Error(`\`${command.join(' ')}\` ended with ${finished.status}:\n${written}`);
  }
  return finished;
}
