// `npm run kills`: ends `serverless-airflow local up` at random moments in every way there is. The next one has to work each time.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { Checks } from './checks';
import { copyExample, ROOT, synthesize } from './example';
import { processTree } from './processes';

const CLI = join(ROOT, 'bin/serverless-airflow');
const execute = promisify(execFile);
/** Hangs, not the machine's speed. */
const START_MINUTES = 15;
const END_SECONDS = 120;

interface Options {
  readonly isolation?: string;
}

interface Output {
  readonly exitCode: number;
  readonly text: string;
}

/** One `up` in the care of a process that ends when nothing is left of it. */
class Victim {
  static start(app: string, { isolation }: Options): Victim {
    return new Victim(spawn('python3', [
      join(__dirname, 'subreaper.py'), process.execPath, CLI, 'local', 'up', '--app', app, '--publish', 'web-server=0', '--publish', 'flower=0',
      ...isolation ? ['--isolation', isolation] : [],
    ], { stdio: ['ignore', 'pipe', 'pipe'], detached: true }));
  }

  readonly healthy: Promise<void>;
  /** When no process is left. */
  readonly gone: Promise<unknown>;
  readonly output: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    this.gone = once(child, 'exit');
    this.healthy = new Promise(resolve => {
      for (const stream of [child.stdout!, child.stderr!]) {
        createInterface({ input: stream }).on('line', line => {
          this.output.push(line);
          if (line.includes('everything was healthy')) resolve();
        });
      }
    });
  }

  tree() {
    return processTree(this.child.pid!);
  }

  /** To the first process whose command line matches; nothing if there is none (yet). */
  signal(command: RegExp, signal: NodeJS.Signals): void {
    const found = this.tree().find(process => command.test(process.command) && !process.command.includes('subreaper.py'));
    if (found) process.kill(found.pid, signal);
  }
}

const UP = / local up /;
const ENGINE = /^\S*node\S* .* local engine$/;

/** By the words of the check. */
const WAYS: Record<string, (victim: Victim, app: string) => Promise<void>> = {
  'Ctrl-C twice': async victim => {
    victim.signal(UP, 'SIGINT');
    await sleep(Math.random() * 1500);
    victim.signal(UP, 'SIGINT');
  },
  'kill -9 of `up`': async victim => victim.signal(UP, 'SIGKILL'),
  'kill -9 of the engine': async victim => {
    victim.signal(ENGINE, 'SIGKILL');
    victim.signal(UP, 'SIGINT'); // it may not have begun
  },
  'kill -9 of the supervisor': async victim => {
    victim.signal(/supervisor\.py --alive/, 'SIGKILL');
    victim.signal(UP, 'SIGINT');
  },
  '`down` of an engine that hangs': async (victim, app) => {
    victim.signal(ENGINE, 'SIGSTOP');
    await local(app, 'down');
  },
  '`down` of an `up` that hangs': async (victim, app) => {
    victim.signal(UP, 'SIGSTOP');
    await local(app, 'down');
  },
};

async function main(rounds: number, options: Options): Promise<void> {
  const checks = new Checks();
  const app = synthesize(copyExample(join(ROOT, 'build/kills')));
  await local(app, 'down', '--delete');
  const ways = Object.keys(WAYS);
  let startSeconds = 0;
  for (let round = 0; round < rounds; round++) {
    const way = ways[round % ways.length];
    // every other one is killed while it starts, the ones between show that the next one reaches its end
    const until = round % 2 === 1 && startSeconds > 0 ? Math.random() * startSeconds : undefined;
    const began = performance.now();
    const victim = Victim.start(app, options);
    const failure = await Promise.race([
      victim.gone.then(() => `it ended by itself: ${victim.output.slice(-3).join(' / ')}`),
      sleep(START_MINUTES * 60_000, undefined, { ref: false }).then(() => `it was not healthy after ${START_MINUTES} minutes`),
      ...until === undefined ? [victim.healthy.then(() => undefined)] : [sleep(until * 1000).then(() => undefined)],
    ]);
    const seconds = (performance.now() - began) / 1000;
    if (until === undefined && failure === undefined) startSeconds = seconds;
    const moment = until === undefined ? `healthy after ${seconds.toFixed(0)} s` : `after ${until.toFixed(1)} s of about ${startSeconds.toFixed(0)} s`;
    await checks.that(`${round + 1}. ${way}, ${moment}`, async () => {
      if (failure !== undefined) throw new Error(failure);
      if (until === undefined) await sleep(Math.random() * 3000);
      await WAYS[way](victim, app);
      await checkNothingIsLeft(victim, app);
    });
    if (failure !== undefined) {
      victim.signal(UP, 'SIGKILL');
      await victim.gone;
    }
    // the first creation, with the migration of the database, is a phase to be killed in too
    if (until === undefined) await local(app, 'down', '--delete');
  }
  await local(app, 'down', '--delete');
  console.log(`\nkills: ${checks.summary()}`);
  process.exitCode = checks.failures === 0 ? 0 : 1;
}

async function checkNothingIsLeft(victim: Victim, app: string): Promise<void> {
  const late = await Promise.race([victim.gone.then(() => false), sleep(END_SECONDS * 1000, true, { ref: false })]);
  if (late) throw new Error(`still there: ${victim.tree().slice(1).map(({ pid, command }) => `${pid} ${command}`).join('\n')}`);
  const status = await local(app, 'status');
  if (status.exitCode !== 1 || !status.text.startsWith('it is not running')) throw new Error(`\`status\` says: ${status.text}`);
  const down = await local(app, 'down');
  if (down.exitCode !== 0 || down.text !== 'it was not running\n') throw new Error(`\`down\` says: ${down.text}`);
}

async function local(app: string, ...args: string[]): Promise<Output> {
  return execute(process.execPath, [CLI, 'local', ...args, '--app', app]).then(
    ({ stdout }) => ({ exitCode: 0, text: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ exitCode: code, text: stderr }),
  );
}

const program = new Command('npm run kills --')
  .description('Ends a local Airflow at random moments; the next one has to work, and nothing may be left.')
  .argument('[rounds]', 'how often', '30')
  .option('--isolation <level>', 'how tasks are kept apart: root, rootless or loopback; default: the best that works here');
program.parse();
main(Number(program.processedArgs[0]), program.opts<Options>()).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
