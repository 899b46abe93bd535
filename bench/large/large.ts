/**
 * What large answers of the web server do to workers:   npx ts-node bench/large/large.ts [CLIENTS]
 *
 * Five clients at once open what is large in the web interface, while a task asks the Execution API all the time. Prints for each kind of answer how long that
 * task had to wait at most, and the memory of the web server. The exit code says whether the web server has lived and the task has come to its end.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AirflowApi, DagRun, TaskInstance } from '../../local/airflow-api';
import { until } from '../../local/until';
import { ROOT, synthesize } from '../../tools/example';
import { LocalAirflow } from '../../tools/local-airflow';
import { table } from '../../tools/table';
import { patiently } from '../task-latency';

const CLOUD_ASSEMBLY = join(ROOT, 'build/large/cdk.out');
const RUNS = 30;
const TASKS_OF_RUN = 100;
/** Seconds: what takes longer hangs. */
const RUN_LIMIT = 600;
const ANSWER_LIMIT = 300;
/** Seconds that the web server has to itself before and after. */
const QUIET = 10;
const JSON_TYPE = 'application/json';

/** Greatest size that the server had since the last time, in MiB, and when it was started. */
const SERVER = `
for folder in /proc/[0-9]*; do
  awk '/^VmHWM:/ { print $2 }' $folder/status 2>/dev/null
  echo 5 > $folder/clear_refs 2>/dev/null
done | sort -n | tail -n 1
cut -d ' ' -f 22 /proc/1/stat`;

/** When a request was sent (Unix time) and how long its answer took. */
type Report = [number, number];

interface Large {
  readonly what: string;
  readonly path: string;
  readonly type?: string;
}

interface Phase {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly answers: string[];
  readonly memory: number;
}

async function main(clients: number): Promise<void> {
  synthesize(__dirname, CLOUD_ASSEMBLY);
  await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  const airflow = await LocalAirflow.start(CLOUD_ASSEMBLY, {});
  try {
    await measure(airflow, new AirflowApi(airflow.webServer, airflow.admin), clients);
  } finally {
    await airflow.interrupt();
    await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  }
}

async function measure(airflow: LocalAirflow, api: AirflowApi, clients: number): Promise<void> {
  for (const dag of ['large', 'reports', 'grid']) {
    await until(`DAG ${dag} is known to Airflow`, 180, () => patiently(() => api.dag(dag)));
  }
  const large = await patiently(() => api.trigger('large'));
  const runs: DagRun[] = [];
  while (runs.length < RUNS) {
    runs.push(await patiently(() => api.trigger('grid')));
  }
  for (const run of [large, ...runs]) {
    await until('a run ends', RUN_LIMIT, async () => ended(await api.dagRun(run).catch(() => run)), 2000);
  }
  const reports = await patiently(() => api.trigger('reports'));
  const reporting = async () => (await patiently(() => api.taskInstances(reports))).some(({ state }) => state === 'running') || undefined;
  await until('the task reports', RUN_LIMIT, reporting);

  const started = await server(airflow);
  const phases: Phase[] = [await phase(airflow, 'nothing', async () => { await sleep(QUIET * 1000); return []; })];
  const headers = { authorization: `Bearer ${await token(airflow)}` };
  for (const { what, path, type = JSON_TYPE } of largeAnswers(await patiently(() => api.taskInstances(large)), runs)) {
    phases.push(await phase(airflow, what, async () => Promise.all(Array.from({ length: clients }, async () =>
      download(`${airflow.webServer}${path}`, { ...headers, accept: type })))));
    await sleep(QUIET * 1000);
  }

  const { alive } = await server(airflow);
  await fetch(`${airflow.webServer}/api/v2/variables`, {
    method: 'POST', headers: { ...headers, 'content-type': JSON_TYPE }, body: JSON.stringify({ key: 'enough', value: 'yes' }),
  });
  const { state } = await until('the task ends', RUN_LIMIT, async () => ended(await api.dagRun(reports).catch(() => reports)), 2000);
  const [task] = await patiently(() => api.taskInstances(reports));
  const waits = state === 'success' ? await patiently(() => api.result<Report[]>(task)) : [];
  console.log(`\n${clients} clients at once\n`);
  console.log(table(['answer', 'longest wait of the task', 'memory of the server', 'the answers'], phases.map(({ what, from, to, memory, answers }) => [
    what, `${longest(waits, from, to).toFixed(1)} s`, `${memory.toFixed(0)} MiB`, answers.join(', '),
  ]), ['longest wait of the task', 'memory of the server']));
  const lived = alive === started.alive;
  console.log(`\nthe web server ${lived ? 'is the one of before' : 'was replaced'}; the task that reported: ${state}`);
  process.exitCode = lived && state === 'success' ? 0 : 1;
}

function largeAnswers(tasks: TaskInstance[], runs: DagRun[]): Large[] {
  const of = (id: string) => {
    const { dag_id: dag, dag_run_id: run } = tasks.find(({ task_id: task }) => task === id)!;
    return `/api/v2/dags/${dag}/dagRuns/${encodeURIComponent(run)}/taskInstances/${id}`;
  };
  const ids = runs.map(({ dag_run_id: id }) => `run_ids=${encodeURIComponent(id)}`).join('&');
  return [
    { what: `grid, ${RUNS * TASKS_OF_RUN} task instances`, path: `/ui/grid/ti_summaries/grid?${ids}`, type: 'application/x-ndjson' },
    { what: 'list of task instances, limit=10000', path: '/api/v2/dags/grid/dagRuns/~/taskInstances?limit=10000' },
    { what: 'XCom of 5 MiB', path: `${of('xcom')}/xcomEntries/return_value` },
    { what: 'log of 80 MB, as the page reads it', path: `${of('log')}/logs/1?map_index=-1`, type: 'application/x-ndjson' },
    { what: 'log of 80 MB as one JSON', path: `${of('log')}/logs/1?map_index=-1&full_content=true` },
  ];
}

async function phase(airflow: LocalAirflow, what: string, work: () => Promise<string[]>): Promise<Phase> {
  await server(airflow); // forgets the greatest size
  const from = Date.now() / 1000;
  const answers = await work();
  return { what, from, to: Date.now() / 1000, answers, memory: (await server(airflow)).memory };
}

/** Its memory; 0 where there is none at the moment. */
async function server(airflow: LocalAirflow): Promise<{ memory: number; alive: string }> {
  const [memory = '0', alive = ''] = (await airflow.exec('web-server', 'sh', '-c', SERVER).catch(() => '')).trim().split('\n');
  return { memory: Number(memory) / 1024, alive };
}

async function token(airflow: LocalAirflow): Promise<string> {
  const response = await fetch(`${airflow.webServer}/auth/token`, {
    method: 'POST', headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(airflow.admin),
  });
  return (await response.json() as { access_token: string }).access_token;
}

/** `200 81.9 MB 4.1 s` */
async function download(url: string, headers: Record<string, string>): Promise<string> {
  const start = performance.now();
  let bytes = 0;
  let how: string;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_LIMIT * 1000) });
    for await (const chunk of response.body!) {
      bytes += (chunk as Uint8Array).length;
    }
    how = String(response.status);
  } catch (error) {
    how = (error as Error).message;
  }
  return `${how} ${(bytes / 1e6).toFixed(1)} MB ${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Of what was asked in that time, or still waited for its answer then. */
function longest(waits: Report[], from: number, to: number): number {
  return Math.max(0, ...waits.filter(([asked, took]) => asked <= to && asked + took >= from).map(([, took]) => took));
}

function ended(run: DagRun): DagRun | undefined {
  return run.state === 'success' || run.state === 'failed' ? run : undefined;
}

main(Number(process.argv[2] ?? 5)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
