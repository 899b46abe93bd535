// `npm run deploys`: changes a running Airflow while its tasks are at work. Only what changed may restart, and no task may be lost.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { ChangedTemplate } from './changed-template';
import { Checks, HANGS_SECONDS } from './checks';
import { copyExample, ROOT, synthesize } from './example';
import { fail } from './fail';
import { LocalAirflow, LocalAirflowOptions, RunningService } from './local-airflow';
import { AirflowApi, DagRun } from '../local/airflow-api';
import { until } from '../local/until';

const DAG = 'at_work';
/** Long enough to be at work whenever something changes, and there are more than run at the same time. */
const TASKS = 20;
const TASK_SECONDS = 20;
const DAG_FILE = `
import time

from airflow.sdk import dag, task


@dag(schedule=None)
def ${DAG}():
    @task
    def work(number: int) -> int:
        time.sleep(${TASK_SECONDS})
        return number

    work.expand(number=list(range(${TASKS})))


${DAG}()
`;

interface Options extends LocalAirflowOptions {
  readonly all?: boolean;
}

/** How long the API did not answer, at most: from one answer to the next, a quarter of a second for the pause included. */
class Silence {
  longest = 0;
  private readonly ended = new AbortController();
  private readonly watching: Promise<void>;

  constructor(private readonly api: AirflowApi) {
    this.watching = this.watch();
  }

  async end(): Promise<void> {
    this.ended.abort();
    await this.watching;
  }

  private async watch(): Promise<void> {
    for (let answered = Date.now(); !this.ended.signal.aborted; await sleep(250)) {
      const answers = await this.api.health().then(() => true, () => false);
      const now = Date.now();
      this.longest = Math.max(this.longest, now - answered);
      if (answers) answered = now;
    }
  }
}

async function main(options: Options): Promise<void> {
  const checks = new Checks();
  await checks.that('nothing stopped the deployments before their end', async () => {
    const example = copyExample(join(ROOT, 'build/deploys/getting-started'));
    writeFileSync(join(example, 'dags', `${DAG}.py`), DAG_FILE);
    const cloudAssembly = synthesize(example);
    await LocalAirflow.deleteState(cloudAssembly);
    const airflow = await LocalAirflow.start(cloudAssembly, options);
    try {
      await changeAtWork(checks, airflow, new ChangedTemplate(cloudAssembly), options);
    } finally {
      await airflow.interrupt();
    }
    await LocalAirflow.deleteState(cloudAssembly);
  });
  console.log(`\ndeploys: ${checks.summary()}`);
  process.exitCode = checks.failures === 0 ? 0 : 1;
}

async function changeAtWork(checks: Checks, airflow: LocalAirflow, template: ChangedTemplate, { all }: Options): Promise<void> {
  const api = new AirflowApi(airflow.webServer, airflow.admin);
  await until(`DAG ${DAG} is known to Airflow`, HANGS_SECONDS, () => api.dag(DAG));
  const runs: DagRun[] = [await begin(api)];

  await checks.that('nothing has changed: nothing restarts', async () => {
    const before = await airflow.services();
    const { exitCode, output } = await airflow.deploy();
    equal(exitCode, 0, output);
    equal(output.trim(), 'no changes', output);
    onlyRolled(before, await airflow.services(), []);
  });

  const services = all ? ['worker', 'scheduler', 'dag-processor', 'triggerer', 'web-server', 'flower'] : ['worker', 'scheduler'];
  for (const service of services) {
    await checks.that(`a variable of ${service} changes: ${service} rolls, and nothing else`, async () => {
      const before = await airflow.services();
      template.variable(service, 'DEPLOYED', 'yes');
      const { exitCode, output } = await airflow.deploy();
      equal(exitCode, 0, output);
      onlyRolled(before, await airflow.services(), [service]);
      equal((await airflow.exec(service, 'printenv', 'DEPLOYED')).trim(), 'yes', 'the variable');
    });
  }

  runs.push(await begin(api));
  await fails('a scheduler that ends at once', 'scheduler', /scheduler does not become steady: 3 tasks failed in a row.*exit code 3/);
  await fails('a migration that fails', 'migrate', /AirflowMigration.*container migrate exited with code 4/s);

  async function fails(what: string, container: string, reason: RegExp): Promise<void> {
    await checks.that(`${what}: the deployment is rolled back, what ran goes on, and the reason is told`, async () => {
      const before = await airflow.services();
      const undo = template.keep();
      template.container(container, definition => definition.Command = ['bash', '-c', `exit ${container === 'migrate' ? 4 : 3}`]);
      const { exitCode, output } = await airflow.deploy().finally(undo);
      equal(exitCode, 1, output);
      if (!reason.test(output)) throw new Error(output);
      onlyRolled(before, await airflow.services(), []);
      equal((await airflow.stackStatus()), 'UPDATE_ROLLBACK_COMPLETE', 'the stack');
    });
  }

  const silence = new Silence(api);
  await checks.that('a variable of the web server changes: the next one answers before the old one goes', async () => {
    const before = await airflow.services();
    template.variable('web-server', 'DEPLOYED', 'again');
    const { exitCode, output } = await airflow.deploy();
    equal(exitCode, 0, output);
    onlyRolled(before, await airflow.services(), ['web-server']);
  });
  await silence.end();
  console.log(`  the API was silent for ${(silence.longest / 1000).toFixed(1)} s at most`);

  await checks.that(`each of the ${runs.length * TASKS} tasks that were at work has succeeded at its first try`, async () => {
    for (const run of runs) {
      const { state } = await until(`the run ${run.dag_run_id} ends`, HANGS_SECONDS, async () => {
        const now = await api.dagRun(run).catch(() => undefined);
        return now?.state === 'success' || now?.state === 'failed' ? now : undefined;
      });
      equal(state, 'success', run.dag_run_id);
      const tries = (await api.taskInstances(run)).map(task => task.try_number);
      equal(tries.length, TASKS, 'tasks');
      equal(tries.filter(number => number === 1).length, TASKS, 'first tries');
    }
  });
  template.restore();
}

/** Resolves when tasks are at work. */
async function begin(api: AirflowApi): Promise<DagRun> {
  const run = await api.trigger(DAG);
  await until('tasks are at work', HANGS_SECONDS, async () => {
    const tasks = await api.taskInstances(run).catch(() => []);
    return tasks.some(({ state }) => state === 'running') || undefined;
  });
  return run;
}

/** Services whose tasks are others, and no others. */
function onlyRolled(before: readonly RunningService[], after: readonly RunningService[], expected: readonly string[]): void {
  const tasksOf = (services: readonly RunningService[], name: string) => services.find(service => service.name === name)?.running.join();
  const rolled = before.map(({ name }) => name).filter(name => tasksOf(before, name) !== tasksOf(after, name));
  equal(rolled.sort().join(), [...expected].sort().join(), 'rolled services');
}

function equal<T>(value: T, expected: T, what: string): void {
  if (value !== expected) throw new Error(`${what}: ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`);
}

const program = new Command('npm run deploys --')
  .description('Runs the getting-started example on this machine and deploys changes to it while tasks are at work.')
  .option('--all', 'change a variable of each component, not of two')
  .option('--isolation <level>', 'how tasks are kept apart: root, rootless or loopback; default: the best that works here');
main(program.parse().opts<Options>()).catch(fail);
