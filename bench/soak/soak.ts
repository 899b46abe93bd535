/**
 * What grows:   npm run soak [-- TASKS]
 *
 * Runs that many short tasks (2,000), and reads DAG files half as often, on the default deployment; less when the time is up (60 minutes). Prints what each
 * component holds at the start, in the middle and at the end, and which tables have grown. The exit code says whether anything stays that has to go: nothing
 * of it depends on the machine's speed.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { Rows, measureUsage, usageOf, Usages } from './usage';
import { AirflowApi, DagRun } from '../../local/airflow-api';
import { until } from '../../local/until';
import { Checks } from '../../tools/checks';
import { ROOT, synthesize } from '../../tools/example';
import { LocalAirflow, LocalAirflowOptions } from '../../tools/local-airflow';
import { table } from '../../tools/table';
import { COMPONENTS } from '../memory';
import { patiently } from '../task-latency';

const CLOUD_ASSEMBLY = join(ROOT, 'build/soak/cdk.out');
const ROWS = readFileSync(join(__dirname, 'rows.py'), 'utf-8');
/** Mapped tasks of a run; one more makes their numbers, and Airflow's API lists no more than 100 at once. */
const TASKS_OF_RUN = 99;
/** Until each slot of the worker has loaded everything, what it needs is no growth. */
const WARM_UP = 27;
/** Seconds, each: what takes longer hangs. */
const RUN_LIMIT = 1800;
const REST_LIMIT = 90;

/** What there is at one moment. */
interface Moment {
  readonly tasks: number;
  readonly parses: number;
  readonly usages: Usages;
  readonly rows: Rows;
}

interface Options extends LocalAirflowOptions {
  readonly minutes: number;
}

async function main(tasks: number, options: Options): Promise<void> {
  synthesize(__dirname, CLOUD_ASSEMBLY);
  await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  const airflow = await LocalAirflow.start(CLOUD_ASSEMBLY, options);
  try {
    await new Soak(airflow).run(tasks, options.minutes * 60);
  } finally {
    await airflow.interrupt();
    await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  }
}

class Soak {
  private readonly api: AirflowApi;
  private readonly checks = new Checks();
  private tasks = 0;

  constructor(private readonly airflow: LocalAirflow) {
    this.api = new AirflowApi(airflow.webServer, airflow.admin);
  }

  async run(tasks: number, seconds: number): Promise<void> {
    await until('the DAGs are known to Airflow', 180, async () => await patiently(() => this.api.dag('unchanged_19')) && this.api.dag('soak'));
    await this.runTasks(WARM_UP);
    const start = await this.measure();
    await this.load(tasks / 2, tasks / 4, seconds / 2);
    const middle = await this.measure('age');
    await this.load(tasks / 2, tasks / 4, seconds / 2);
    const end = await this.measure();
    print(start, middle, end);
    await this.check(start, end);
    process.exitCode = this.checks.failures === 0 ? 0 : 1;
  }

  private async load(tasks: number, parses: number, seconds: number): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    const before = await this.parses();
    for (let left = tasks; left > 0 && Date.now() < deadline; left -= TASKS_OF_RUN + 1) {
      await this.runTasks(Math.min(left, TASKS_OF_RUN + 1) - 1);
    }
    while (await this.parses() < before + parses && Date.now() < deadline) {
      await sleep(5000);
    }
  }

  private async runTasks(count: number): Promise<void> {
    const run = await patiently(() => this.api.trigger('soak', { count }));
    await until('a run ends', RUN_LIMIT, async () => ended(await this.api.dagRun(run).catch(() => run)), 2000);
    const tasks = await patiently(() => this.api.taskInstances(run));
    const succeeded = tasks.filter(({ state }) => state === 'success').length;
    strictEqual(succeeded, count + 1, `${succeeded} of ${count + 1} tasks of a run have succeeded`);
    this.tasks += succeeded;
  }

  private async measure(...age: string[]): Promise<Moment> {
    const usages = await measureUsage(this.airflow);
    return { tasks: this.tasks, parses: await this.parses(), usages, rows: await this.rows(...age) };
  }

  private async rows(...age: string[]): Promise<Rows> {
    return JSON.parse((await this.airflow.exec('scheduler', 'python', '-c', ROWS, ...age)).trim().split('\n').at(-1)!) as Rows;
  }

  private async parses(): Promise<number> {
    return Number(await this.airflow.exec('dag-processor', 'sh', '-c', 'wc -c < /tmp/parses'));
  }

  private async check(start: Moment, end: Moment): Promise<void> {
    for (const component of COMPONENTS) {
      const before = start.usages[component];
      // tasks and DAG files that are read have processes and files for a moment
      await this.checks.that(`${component} keeps no zombie, no process and no file`, async () => {
        const last = await until('it has no more than before', REST_LIMIT, async () => {
          const { zombies, processes, files } = await usageOf(this.airflow, component);
          return zombies === 0 && processes <= before.processes && files <= before.files ? true : undefined;
        }, 2000).catch(async () => usageOf(this.airflow, component));
        ok(last === true, `before: ${JSON.stringify(before)}, now: ${JSON.stringify(last)}`);
      });
    }
    await this.checks.that('each DAG of an unchanged file has one version', () => strictEqual(end.rows.dagVersions, 1));
    await this.checks.that("Celery's states that are older than a week are gone", () => strictEqual(end.rows.oldStates, 0));
    await this.checks.that('`airflow db clean` knows every table that grows', () => deepStrictEqual(unknownGrowth(start.rows, end.rows), []));
    console.log(`\nsoak: ${this.checks.summary()}`);
  }
}

function ended(run: DagRun): DagRun | undefined {
  return run.state === 'success' || run.state === 'failed' ? run : undefined;
}

/** Tables that have grown and that nobody cleans. */
function unknownGrowth(start: Rows, end: Rows): string[] {
  return Object.keys(end.rows).filter(name => end.rows[name] > (start.rows[name] ?? 0) && !end.cleaned.includes(name));
}

function print(start: Moment, middle: Moment, end: Moment): void {
  const moments = [start, middle, end];
  const tasks = end.tasks - start.tasks;
  const row = (what: string, unit: string, values: number[]) =>
    [what, ...values.map(value => `${value.toFixed(0)} ${unit}`.trim()), `${((values[2] - values[0]) / tasks * 1000).toFixed(1)} ${unit}`.trim()];
  const usage = (component: string) => [
    row(`${component}: memory`, 'MiB', moments.map(({ usages }) => usages[component].memory)),
    row(`${component}: processes`, '', moments.map(({ usages }) => usages[component].processes)),
    row(`${component}: zombies`, '', moments.map(({ usages }) => usages[component].zombies)),
    row(`${component}: files`, '', moments.map(({ usages }) => usages[component].files)),
    row(`${component}: their size`, 'KiB', moments.map(({ usages }) => usages[component].fileSize)),
  ];
  const grown = Object.keys(end.rows.rows).filter(name => end.rows.rows[name] !== start.rows.rows[name]);
  const columns = ['start', 'middle', 'end', 'growth for 1,000 tasks'];
  console.log(`\n${tasks} tasks, DAG files read ${end.parses - start.parses} times\n`);
  console.log(table(['', ...columns], [
    ...COMPONENTS.flatMap(usage),
    ...grown.map(name => row(`rows of ${name}`, '', moments.map(({ rows }) => rows.rows[name] ?? 0))),
    row('rows of celery_taskmeta', '', moments.map(({ rows }) => rows.states)),
    row('versions of a DAG', '', moments.map(({ rows }) => rows.dagVersions)),
  ], columns));
}

const program = new Command('npm run soak --')
  .description('Runs short tasks and reads DAG files, and looks at what stays of them.')
  .argument('[tasks]', 'how many tasks; DAG files are read half as often', Number, 2000)
  .option('--minutes <minutes>', 'the most that the load may take', Number, 60)
  .option('--isolation <level>', 'root or rootless: without namespaces nobody can tell whose processes and files there are');
const { processedArgs: [count] } = program.parse();
main(count as number, program.opts<Options>()).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
