import { join } from 'node:path';
import { AirflowApi, TaskInstance } from '../local/airflow-api';
import { ROOT, synthesize } from '../tools/example';
import { LocalAirflow } from '../tools/local-airflow';
import { table } from '../tools/table';

/** Starts the app of a folder beside this file, with no state, measures something with it and stops it. */
export async function runOutage(name: string, measure: (airflow: LocalAirflow, api: AirflowApi) => Promise<void>): Promise<void> {
  const cloudAssembly = synthesize(join(__dirname, name), join(ROOT, `build/${name}/cdk.out`));
  await LocalAirflow.deleteState(cloudAssembly);
  const airflow = await LocalAirflow.start(cloudAssembly, {});
  try {
    await measure(airflow, new AirflowApi(airflow.webServer, airflow.admin));
  } finally {
    await airflow.interrupt();
    await LocalAirflow.deleteState(cloudAssembly);
  }
}

/** What became of tasks, in seconds since a time. */
export function tableOfTasks(tasks: TaskInstance[], since: number): string {
  const seconds = (time: string | null) => time ? `${((Date.parse(time) - since) / 1000).toFixed(0)} s` : '-';
  const rows = tasks.map(({ task_id: id, state, start_date: start, end_date: end, try_number: attempt }) => [id, state ?? '-', String(attempt), seconds(start), seconds(end)]);
  return table(['task', 'state', 'try', 'start', 'end'], rows.sort(([left], [right]) => left.localeCompare(right)), ['try']);
}

/** Ends the program, with the error if there is one. */
export function fail(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
}
