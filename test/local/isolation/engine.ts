import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { ContainerSpec, IsolationLevel } from '../../../local/isolation/isolation';
import { enterCommand, probeIsolation } from '../../../local/isolation/probe';

const BUILD = resolve(__dirname, '../../../build/test');

/** The levels that work on this machine; prints what is left out. */
export function availableLevels(): IsolationLevel[] {
  return (['root', 'rootless', 'loopback'] as const).filter(level => {
    try {
      probeIsolation(level);
      return true;
    } catch (error) {
      process.stderr.write(`skipped: ${(error as Error).message}\n`);
      return false;
    }
  });
}

/** A process like the runner's engine, inside of its namespaces; `entry` is a file that answers orders. */
export class Engine {
  static start(level: IsolationLevel, entry: string): Engine {
    // inside the repository, so that the bundle finds the package's files as the real one does
    const bundle = join(BUILD, `${basename(entry, '.ts')}-${process.pid}.js`);
    if (!existsSync(bundle)) {
      execFileSync(resolve('node_modules/.bin/esbuild'), [entry, '--bundle', '--platform=node', `--outfile=${bundle}`, '--log-level=error']);
    }
    const [command, ...args] = [...enterCommand(level), process.execPath, bundle];
    return new Engine(spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true }), bundle);
  }

  private next = 0;
  private readonly answers = new Map<number, { done: (value: never) => void; fail: (error: Error) => void }>();

  private constructor(readonly process: ChildProcess, private readonly bundle: string) {
    process.on('message', ({ id, value, error }: { id: number; value: never; error?: string }) => {
      const { done, fail } = this.answers.get(id)!;
      this.answers.delete(id);
      error === undefined ? done(value) : fail(new Error(error));
    });
    process.on('exit', () => this.answers.forEach(({ fail }) => fail(new Error('the engine has ended'))));
  }

  async order<T>(order: string, ...args: unknown[]): Promise<T> {
    const id = this.next++;
    return new Promise((done, fail) => {
      this.answers.set(id, { done, fail });
      this.process.send({ id, order, args });
    });
  }

  async end(): Promise<void> {
    rmSync(this.bundle, { force: true });
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = new Promise(done => this.process.once('exit', done));
    this.process.disconnect();
    await exited;
  }
}

export function python(): string {
  return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf-8' }).trim();
}

/** What the interpreter needs, wherever it is installed. */
export function pythonPrefix(): string {
  return execFileSync(python(), ['-c', 'import sys; print(sys.base_prefix)'], { encoding: 'utf-8' }).trim();
}

/** The binary from the runner's cache, else from its wheel. */
export function dumbInit(): string {
  const folders = [join(homedir(), '.cache/serverless-airflow'), join(BUILD, 'wheels')];
  const find = () => folders.filter(folder => existsSync(folder)).flatMap(folder => readdirSync(folder).map(name => join(folder, name, 'bin/dumb-init'))).find(existsSync);
  if (!find()) {
    mkdirSync(BUILD, { recursive: true });
    execFileSync(python(), ['-m', 'venv', join(BUILD, 'wheels/dumb-init')]);
    execFileSync(join(BUILD, 'wheels/dumb-init/bin/pip'), ['install', '--quiet', '--disable-pip-version-check', 'dumb-init==1.2.5.post1']);
  }
  return find()!;
}

/** A folder that every level and user can reach. */
export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'serverless-airflow-test-'));
}

/** A container of an ordinary user; what is not said is as little as there can be. */
export function containerSpec(spec: Pick<ContainerSpec, 'taskId' | 'argv' | 'logFile'> & Partial<ContainerSpec>): ContainerSpec {
  return {
    name: spec.taskId,
    environment: { PATH: '/usr/bin:/bin' },
    uid: 50000,
    gid: 0,
    workingDirectory: '/tmp',
    directories: [],
    readonlyRootFilesystem: false,
    tmpfs: [],
    volumes: [],
    ...spec,
  };
}
