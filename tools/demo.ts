// `npm run demo`: the getting-started example, synthesized, started and used as a person would use it.
import { join } from 'node:path';
import { Command } from 'commander';
import { Checks } from './checks';
import { checkAccess, checkChangedFiles, checkRuns, checkState, checkStopped } from './demo-checks';
import { describeRuns, FinishedRun, runDags } from './demo-runs';
import { copyExample, GETTING_STARTED, ROOT, synthesize } from './example';
import { fail } from './fail';
import { LocalAirflow, LocalAirflowOptions } from './local-airflow';
import { findChromium, takeScreenshot } from './screenshot';
import { AirflowApi } from '../local/airflow-api';

/** Ctrl-C: how the demo ends. */
const INTERRUPTED = 130;

interface Options extends LocalAirflowOptions {
  readonly check?: boolean;
  readonly screenshot?: string;
}

async function main(options: Options): Promise<void> {
  if (options.check) {
    await check(options);
    return;
  }
  const airflow = await LocalAirflow.start(synthesize(GETTING_STARTED), options);
  try {
    console.log(`\n${describeRuns(await runExample(airflow, options))}\n`);
    console.log(`Airflow  ${airflow.webServer}  ${airflow.admin.username} / ${airflow.admin.password}`);
    console.log(`Flower   ${airflow.flower}  ${airflow.flowerUser.username} / ${airflow.flowerUser.password}`);
    console.log('\nChange a file in examples/typescript/getting-started/dags and see it in Airflow within a minute. Ctrl-C stops everything.');
  } catch (error) {
    await airflow.interrupt();
    if (!airflow.interrupted.aborted) {
      throw error;
    }
  }
  const exitCode = await airflow.ended;
  process.exitCode = exitCode === INTERRUPTED ? 0 : exitCode ?? 1;
}

/** Everything that the demo shows, verified, on a copy of the example whose files it changes. */
async function check(options: Options): Promise<void> {
  const checks = new Checks();
  await checks.that('nothing stopped the demo before its end', async () => {
    const example = copyExample(join(ROOT, 'build/demo/getting-started'));
    const cloudAssembly = synthesize(example);
    await LocalAirflow.deleteState(cloudAssembly);
    const runs = await checkFirstRun(checks, options, cloudAssembly, join(example, 'dags'));
    await checkSecondRun(checks, options, cloudAssembly, runs);
    await LocalAirflow.deleteState(cloudAssembly);
  });
  console.log(`\ndemo: ${checks.summary()}`);
  process.exitCode = checks.failures === 0 ? 0 : 1;
}

async function checkFirstRun(checks: Checks, options: Options, cloudAssembly: string, dags: string): Promise<FinishedRun[]> {
  const airflow = await LocalAirflow.start(cloudAssembly, options);
  try {
    const runs = await runExample(airflow, options);
    console.log(`\n${describeRuns(runs)}\n`);
    const api = new AirflowApi(airflow.webServer, airflow.admin);
    await checkAccess(checks, airflow, api);
    await checkRuns(checks, airflow, api, runs, join(dags, 'orders'));
    await checkChangedFiles(checks, api, dags);
    return runs;
  } finally {
    await checkStopped(checks, 'Ctrl-C', await airflow.interrupt(), INTERRUPTED);
  }
}

async function checkSecondRun(checks: Checks, options: Options, cloudAssembly: string, runs: FinishedRun[]): Promise<void> {
  const airflow = await LocalAirflow.start(cloudAssembly, options);
  try {
    await checkState(checks, new AirflowApi(airflow.webServer, airflow.admin), runs);
  } finally {
    await checkStopped(checks, '`down`', await airflow.down(), 0);
  }
}

async function runExample(airflow: LocalAirflow, options: Options): Promise<FinishedRun[]> {
  const api = new AirflowApi(airflow.webServer, airflow.admin);
  // what the description of stored_connection asks its user for
  await api.putConnection({
    connection_id: 'airflow_api',
    conn_type: 'http',
    host: 'http://webserver.airflow:8080',
    login: airflow.admin.username,
    password: airflow.admin.password,
  });
  const runs = await runDags(api);
  if (options.screenshot) {
    const browser = findChromium();
    if (browser) {
      await takeScreenshot(browser, airflow.webServer, airflow.admin, runs[0].run, options.screenshot);
    } else {
      console.log(`No picture in ${options.screenshot}: neither Chromium nor Google Chrome is installed (sudo apt-get install chromium).`);
    }
  }
  return runs;
}

const program = new Command('npm run demo --')
  .description('Synthesizes examples/typescript/getting-started, runs it on this machine and runs its DAGs.')
  .option('--check', 'verify everything, print the counts and end')
  .option('--isolation <level>', 'how tasks are kept apart: root, rootless or loopback; default: the best that works here')
  .option('--screenshot <file>', 'take a picture (PNG) of the finished run in the web UI');
main(program.parse().opts<Options>()).catch(fail);
