import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { containerSpec, dumbInit, Engine, python, scratchFolder } from './engine';
import type { ContainerSpec, IsolationLevel } from '../../../local/isolation/isolation';
import { until } from '../until';

export const PATH = '/usr/local/bin:/usr/bin:/bin';
export const interpreter = python();

/** Containers in an engine of their own. */
export class Containers {
  readonly folder = scratchFolder();
  /** What the isolation says about itself. */
  created!: { hostAddress: string; metadataAddress: { host: string; port: number } };
  private engine!: Engine;

  constructor(private readonly level: IsolationLevel) {}

  async start(): Promise<void> {
    chmodSync(this.folder, 0o755);
    this.engine = Engine.start(this.level, join(__dirname, 'engine-process.ts'));
    this.created = await this.order('create', {
      level: this.level, securityGroups: false, dumbInit: this.level === 'loopback' ? '' : dumbInit(), python: interpreter,
    });
  }

  async end(): Promise<void> {
    await this.order('close');
    await this.engine.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async order<T>(order: string, ...args: unknown[]): Promise<T> {
    return this.engine.order(order, ...args);
  }

  spec(taskId: string, name: string, script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
    return containerSpec({
      taskId,
      name,
      argv: ['sh', '-c', script],
      environment: { PATH, HOME: '/home/airflow' },
      workingDirectory: '/opt/airflow',
      directories: [
        { host: join(this.folder, taskId, 'opt'), container: '/opt/airflow', writable: true },
        { host: join(this.folder, taskId, 'home'), container: '/home/airflow', writable: true },
      ],
      logFile: join(this.folder, 'log', taskId, `${name}.log`),
      ...more,
    });
  }

  async run(taskId: string, script: string, more?: Partial<ContainerSpec>): Promise<{ code: number; output: string }> {
    const name = `run${Math.random().toString(36).slice(2)}`;
    const container = await this.order<number>('start', this.spec(taskId, name, script, more));
    const code = await this.order<number>('exited', container);
    return { code, output: readFileSync(join(this.folder, 'log', taskId, `${name}.log`), 'utf-8') };
  }

  async untilLogged(task: string, name: string, text: string): Promise<void> {
    const file = join(this.folder, 'log', task, `${name}.log`);
    await until(`${file} says ${text}`, () => existsSync(file) && readFileSync(file, 'utf-8').includes(text));
  }
}
