/**
 * A pool of workers at zero, 40 tasks that arrive, and the pool at zero again:   npm run scale-demo [-- --check]
 *
 * Prints what there was over time, and draws it into docs/images. The exit code says whether all tasks have succeeded at their first try and no worker
 * is left: nothing of it depends on the machine's speed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { picture } from './scaling/picture';
import { Sample, timelineTable } from './scaling/timeline';
import { AirflowApi, DagRun, TaskInstance } from '../local/airflow-api';
import { until } from '../local/until';
import { ChangedTemplate } from '../tools/changed-template';
import { Checks, HANGS_SECONDS } from '../tools/checks';
import { ROOT, synthesize } from '../tools/example';
import { fail } from '../tools/fail';
import { LocalAirflow, LocalAirflowOptions } from '../tools/local-airflow';

const CLOUD_ASSEMBLY = join(ROOT, 'build/scaling/cdk.out');
const PICTURE = join(ROOT, 'docs/images/scaling.svg');
const POOL = 'worker-etl';
const DAG = 'forty';
const TASKS = 40;
const EVERY_MILLISECONDS = 2000;

interface Options extends LocalAirflowOptions {
  readonly check?: boolean;
}

async function main({ check, ...options }: Options): Promise<void> {
  synthesize(join(__dirname, 'scaling'), CLOUD_ASSEMBLY);
  if (check) hurry();
  await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  const checks = new Checks();
  const airflow = await LocalAirflow.start(CLOUD_ASSEMBLY, options);
  try {
    const demo = new ScaleDemo(airflow);
    await checks.that('a pool goes from no worker to as many as 40 tasks need, and back', async () => demo.run());
    if (demo.samples.length > 0) console.log(`\n${timelineTable(demo.samples)}\n`);
    if (!check && checks.failures === 0) writeFileSync(PICTURE, picture('40 tasks arrive, and a pool has no worker', demo.samples));
    await checks.that('each task has succeeded at its first try', () => succeeded(demo.tasks));
    await checks.that('no component was refused anything', async () => equal(await airflow.denials(), []));
  } finally {
    await airflow.interrupt();
    await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  }
  console.log(`\nscale-demo: ${checks.summary()}`);
  process.exitCode = checks.failures === 0 ? 0 : 1;
}

/** Workers leave after 20 quiet seconds, and not after the minute that is the least a user can say: the check waits for it twice. */
function hurry(): void {
  new ChangedTemplate(CLOUD_ASSEMBLY).container('scaler', ({ Environment }) => {
    const variable = Environment!.find(({ Name }) => Name === 'SCALER')!;
    const before = JSON.stringify(variable.Value);
    variable.Value = JSON.parse(before.replace('\\"hold\\":60', '\\"hold\\":20'));
    if (JSON.stringify(variable.Value) === before) throw new Error('the scaler does not wait for 60 s: its variable has changed');
  });
}

class ScaleDemo {
  readonly samples: Sample[] = [];
  tasks: TaskInstance[] = [];
  private readonly api: AirflowApi;
  private arrived?: number;
  private dagRun?: DagRun;

  constructor(private readonly airflow: LocalAirflow) {
    this.api = new AirflowApi(airflow.webServer, airflow.admin);
  }

  async run(): Promise<void> {
    await until(`DAG ${DAG} is known to Airflow`, HANGS_SECONDS, async () => this.api.dag(DAG));
    await this.until('the pool is at zero', ({ desired, workers }) => desired + workers === 0);
    this.samples.splice(0, this.samples.length - 1);
    this.dagRun = await this.api.trigger(DAG);
    this.arrived = Date.now();
    await this.until('all tasks have ended', () => this.tasks.length === TASKS && this.tasks.every(({ state }) => state === 'success' || state === 'failed'));
    await this.until('the pool is at zero again', ({ desired, workers }) => desired + workers === 0);
  }

  private async until(awaited: string, reached: (sample: Sample) => boolean): Promise<void> {
    await until(awaited, HANGS_SECONDS, async () => reached(await this.look()) || undefined, EVERY_MILLISECONDS);
  }

  private async look(): Promise<Sample> {
    if (this.dagRun) this.tasks = await this.api.taskInstances(this.dagRun).catch(() => this.tasks); // a busy web server may be late
    const { desiredCount: desired, runningCount: workers } = await this.airflow.service(POOL);
    const count = (...states: (string | null)[]) => this.tasks.filter(({ state }) => states.includes(state)).length;
    const [running, successful] = [count('running'), count('success')];
    const waiting = this.tasks.length - running - successful - count('failed');
    const seconds = this.arrived === undefined ? 0 : (Date.now() - this.arrived) / 1000;
    const sample = { seconds, desired, workers, waiting, running, succeeded: successful };
    this.samples.push(sample);
    return sample;
  }
}

function succeeded(tasks: readonly TaskInstance[]): void {
  equal(tasks.length, TASKS);
  const others = tasks.filter(({ state, try_number: attempt }) => state !== 'success' || attempt !== 1);
  equal(others.map(({ map_index: index, state, try_number: attempt }) => `task ${index}: ${state} at try ${attempt}`), []);
}

function equal<T>(value: T, expected: T): void {
  if (JSON.stringify(value) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(value)}, not ${JSON.stringify(expected)}`);
}

const program = new Command('npm run scale-demo --')
  .description('Runs a pool of workers that follows its queue on this machine: no worker, 40 tasks, no worker.')
  .option('--check', 'wait less before workers leave, and draw nothing')
  .option('--isolation <level>', 'how tasks are kept apart: root, rootless or loopback; default: the best that works here');
main(program.parse().opts<Options>()).catch(fail);
