import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './example';
import { until } from '../local/until';

const COMMAND = join(ROOT, 'bin/serverless-airflow');
const CDK = join(ROOT, 'node_modules/.bin/cdk');
/** The first start fetches 700 MB. */
const START_SECONDS = 900;

export interface Ran {
  readonly code: number | null;
  /** Standard output and error. */
  readonly output: string;
}

/** `serverless-airflow local aws`, used with the CDK command line as a person would. */
export class LocalAccount {
  /** @param folder where it keeps its state; a further start in the same one finds its stacks again */
  static async start(folder: string, ...options: string[]): Promise<LocalAccount> {
    const child = spawn(process.execPath, [COMMAND, 'local', 'aws', '--port', '0', '--state', folder, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'], detached: true, env: { ...process.env, NO_COLOR: '1' },
    });
    let output = '';
    child.stdout.on('data', data => output += String(data));
    const variables = join(folder, 'run', 'variables.json');
    let ended = false;
    child.on('exit', () => ended = true);
    process.once('exit', () => child.kill('SIGTERM')); // also where nobody has stopped it
    await until(`the local AWS is up: ${output}`, START_SECONDS, async () => {
      if (ended) throw new Error(`\`serverless-airflow local aws\` ended: ${output}`);
      return existsSync(variables) || undefined;
    });
    return new LocalAccount(child, JSON.parse(readFileSync(variables, 'utf-8')) as Record<string, string>, () => output);
  }

  private constructor(private readonly child: ChildProcess, readonly variables: Record<string, string>, private readonly printed: () => string) {}

  /** What it has printed so far. */
  get output(): string {
    return this.printed();
  }

  async cdk(...args: string[]): Promise<Ran> {
    return this.run(CDK, '--no-notices', ...args);
  }

  /** With the account's environment, which knows of no other account. */
  async run(command: string, ...args: string[]): Promise<Ran> {
    const { AWS_PROFILE: _profile, ...environment } = process.env;
    const child = spawn(command, args, {
      cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, ...this.variables, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => output += String(data));
    const [code] = await once(child, 'close') as [number | null];
    return { code, output: stripVTControlCharacters(output) };
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}
