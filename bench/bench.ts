// `npm run bench`: everything is measured in this run, ours and `airflow standalone` one after the other, never at the same time.
import { join } from 'node:path';
import { Command } from 'commander';
import { Figure, figuresTable } from './figures';
import { COMPONENTS, measureMemory, measureStandaloneMemory, Memory } from './memory';
import { Standalone } from './standalone';
import { percentile } from './statistics';
import { measureSynthesis } from './synthesis';
import { measureParallelTasks, measureSingleTasks, ParallelTasks, TASKS } from './task-latency';
import { AirflowApi } from '../local/airflow-api';
import { installSoftware } from '../local/install/installation';
import { ROOT, synthesize } from '../tools/example';
import { LocalAirflow, LocalAirflowOptions } from '../tools/local-airflow';

/** Of one Airflow: ours or standalone. */
interface Measurement {
  /** Seconds until healthy, on an empty database and again. */
  readonly starts: [number, number];
  readonly single: number[];
  readonly parallel: ParallelTasks;
  readonly memory: Memory;
}

const CLOUD_ASSEMBLY = join(ROOT, 'build/bench/cdk.out');

async function main(options: LocalAirflowOptions): Promise<void> {
  print(measureSynthesis());

  const { airflow: venv } = await installSoftware(line => console.log(line));
  console.log('Measuring airflow standalone …');
  const standalone = await measureStandalone(venv);
  console.log('Measuring serverless-airflow local …');
  const local = await measureLocal(options);
  print([...startFigures(local, standalone), ...taskFigures(local, standalone), ...memoryFigures(local, standalone)]);
}

async function measureStandalone(venv: string): Promise<Measurement> {
  const dags = join(__dirname, 'dags');
  const first = await Standalone.start(venv, dags, true);
  await first.stop();
  const again = await Standalone.start(venv, dags, false);
  try {
    const single = await measureSingleTasks(again.api);
    // before the parallel tasks: they can end its scheduler
    const memory = measureStandaloneMemory(again);
    return { starts: [first.startSeconds, again.startSeconds], single, memory, parallel: await measureParallelTasks(again.api) };
  } finally {
    await again.stop();
  }
}

async function measureLocal(options: LocalAirflowOptions): Promise<Measurement> {
  synthesize(__dirname, CLOUD_ASSEMBLY);
  await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  const first = await LocalAirflow.start(CLOUD_ASSEMBLY, options);
  await first.interrupt();
  const again = await LocalAirflow.start(CLOUD_ASSEMBLY, options);
  try {
    const api = new AirflowApi(again.webServer, again.admin);
    const single = await measureSingleTasks(api);
    const memory = await measureMemory(again);
    return { starts: [first.startSeconds, again.startSeconds], single, memory, parallel: await measureParallelTasks(api) };
  } finally {
    await again.interrupt();
    await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  }
}

function startFigures(local: Measurement, standalone: Measurement): Figure[] {
  const start = (what: string, index: number) =>
    ({ what, unit: 's', value: local.starts[index], standalone: standalone.starts[index], target: '≤ 30 s, ≤ 2 × standalone' });
  return [start('all healthy, first start', 0), start('all healthy, next start', 1)];
}

function taskFigures(local: Measurement, standalone: Measurement): Figure[] {
  const wait = (what: string, of: (measurement: Measurement) => number[], share: number, target?: string) =>
    ({ what, unit: 's', value: percentile(of(local), share), standalone: percentile(of(standalone), share), target });
  const single = (measurement: Measurement) => measurement.single;
  const parallel = (measurement: Measurement) => measurement.parallel.waits;
  const total = ({ parallel: { total: seconds, waits } }: Measurement) => seconds ?? `${waits.length} of ${TASKS} ended`;
  return [
    wait('1 task: wait p50', single, 0.5, '≤ 1.5 s'),
    wait('1 task: wait p95', single, 0.95),
    wait(`${TASKS} tasks: wait p50`, parallel, 0.5),
    wait(`${TASKS} tasks: wait p95`, parallel, 0.95),
    { what: `${TASKS} tasks of 1 s: total`, unit: 's', value: total(local), standalone: total(standalone), target: '≤ 20 s' },
    {
      what: `${TASKS} tasks: slowest answer of the API`,
      unit: 's',
      value: local.parallel.slowestAnswer,
      standalone: standalone.parallel.slowestAnswer,
      target: 'answers all the time',
    },
  ];
}

function memoryFigures(local: Measurement, standalone: Measurement): Figure[] {
  const sum = (memory: Memory) => Object.values(memory).reduce((total, value) => total + value, 0);
  return [
    ...COMPONENTS.map(component => ({ what: `memory: ${component}`, unit: 'MiB', value: local.memory[component], standalone: standalone.memory[component] })),
    { what: 'memory: all of these', unit: 'MiB', value: sum(local.memory), standalone: sum(standalone.memory) },
  ];
}

function print(figures: Figure[]): void {
  console.log(`\n${figuresTable(figures)}\n`);
}

const program = new Command('npm run bench --')
  .description('Measures synthesis, start-up, task latency and memory beside airflow standalone.')
  .option('--isolation <level>', 'how tasks are kept apart: root, rootless or loopback; default: the best that works here');
main(program.parse().opts<LocalAirflowOptions>()).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
