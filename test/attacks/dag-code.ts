import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import type { AirflowApi, LogLine } from '../../local/airflow-api';
import { until } from '../../local/until';
import { Checks, HANGS_SECONDS } from '../../tools/checks';
import { runDag } from '../../tools/demo-runs';
import type { LocalAirflow } from '../../tools/local-airflow';

/** Ends the worker without a chance to do anything. */
const KILL_WORKER = `
import os, signal
pids = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and pid != "1"]
worker = min(pid for pid in pids if b"celery" in open(f"/proc/{pid}/cmdline", "rb").read())
os.kill(worker, signal.SIGKILL)
`;

/** What authors of DAGs meet where their code does not run on the worker, or their worker is lost: as docs/dag-code.md and docs/troubleshooting.md say. */
export async function checkDagCode(checks: Checks, airflow: LocalAirflow, api: AirflowApi): Promise<void> {
  const logOf = async (dagId: string, taskId: string) => {
    const [run] = await api.dagRuns(dagId);
    return api.log((await api.taskInstances(run)).find(({ task_id }) => task_id === taskId)!);
  };

  await checks.that('callbacks: one of a task may what tasks may, one of a DAG what dagCode may, and status names who was refused what', async () => {
    const { TasksBucket, DagCodeBucket } = await airflow.outputs() as Record<string, string>;
    await runDag(api, 'callbacks');
    const refused = await until('the callback of the DAG is refused', HANGS_SECONDS, async () => {
      const denials = (await airflow.denials()).filter(denial => denial.includes(TasksBucket));
      return denials.length > 0 ? denials : undefined;
    });
    deepStrictEqual(refused, [`dag-processor: s3:PutObject on arn:aws:s3:::${TasksBucket}/dag`]);
    deepStrictEqual((await airflow.objects(DagCodeBucket)).sort(), ['dag', 'task'].map(key => `s3://${DagCodeBucket}/${key}`));
    deepStrictEqual(await airflow.objects(TasksBucket), [`s3://${TasksBucket}/task`]);
  });
  await checks.that('a secrets backend: a connection in it is found, and that of the library is not asked for', async () => {
    const [host] = await api.taskInstances(await runDag(api, 'shop'));
    strictEqual(await api.result<string>(host), 'shop.example.com');
    deepStrictEqual((await airflow.denials()).filter(denial => denial.includes('airflow/connections')), []);
  });
  await checks.that('a trigger in a DAG file: the task fails without a reason, the log of the triggerer has it', async () => {
    strictEqual((await runDag(api, 'custom_trigger')).state, 'failed');
    match(text(await logOf('custom_trigger', 'sleep')), /Pausing task as DEFERRED/);
    match(await airflow.logs('triggerer'), /Trigger failed to load code .*custom_trigger\.Nap .*ModuleNotFoundError/);
  });
  await checks.that('a lost worker: the task stays running for the time being, and its log says that it cannot be read', async () => {
    await until('DAG ticks is known to Airflow', HANGS_SECONDS, () => api.dag('ticks'));
    const run = await api.trigger('ticks');
    await until('the task runs', HANGS_SECONDS, async () => text(await logOf('ticks', 'tick').catch(() => [])).includes('tick 1') || undefined);
    await airflow.exec('worker', 'python', '-c', KILL_WORKER).catch(() => {}); // the command ends with its container
    const log = await until('the log has gone', HANGS_SECONDS, async () => {
      const lines = text(await logOf('ticks', 'tick'));
      return lines.includes('tick 1') ? undefined : lines;
    });
    match(log, /Could not read served logs/);
    ok(['running', 'queued'].includes((await api.dagRun(run)).state));
  });
}

function text(log: LogLine[]): string {
  return log.map(({ event }) => event).join('\n');
}
