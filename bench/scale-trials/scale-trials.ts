/**
 * What can go wrong while pools of workers grow and shrink, with real Airflow:   npm run scale-trials -- --trials 50 --seed 1
 *
 * Starts one deployment with four pools, and lets something happen to them at work: trial after trial, in an order that the seed says. The exit code says
 * whether a task was lost, was killed by what was to leave it alone, or is stuck in Redis.
 */
import { join } from 'node:path';
import { Command } from 'commander';
import { EcsProxy } from './ecs-proxy';
import { isGood, type Outcome, outcomeTable } from './outcome';
import { plan, Random, type Round, ROUNDS } from './plan';
import { Trials } from './trials';
import { scalerProcess, variableOf } from './victims';
import { ChangedTemplate } from '../../tools/changed-template';
import { ROOT, synthesize } from '../../tools/example';
import { fail } from '../../tools/fail';
import { LocalAirflow } from '../../tools/local-airflow';

const CLOUD_ASSEMBLY = join(ROOT, 'build/scale-trials/cdk.out');

interface Options {
  readonly trials: string;
  readonly seed: string;
  readonly minutes: string;
  readonly only?: Round[];
}

async function main({ trials, seed, minutes, only = Object.keys(ROUNDS) as Round[] }: Options): Promise<void> {
  const deadline = Date.now() + Number(minutes) * 60_000;
  synthesize(__dirname, CLOUD_ASSEMBLY);
  await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
  const template = new ChangedTemplate(CLOUD_ASSEMBLY);
  const proxy = await EcsProxy.listen(apiOfScaler);
  const outcomes: Outcome[] = [];
  try {
    template.variable('scaler', 'AWS_ENDPOINT_URL_ECS', proxy.endpoint);
    // plain processes: they can be killed from here, and reach the proxy
    const airflow = await LocalAirflow.start(CLOUD_ASSEMBLY, { isolation: 'loopback' });
    try {
      const random = new Random(Number(seed));
      await runRounds(new Trials(airflow, proxy, template, random), plan(Number(trials), random, only), deadline, outcomes);
      const denials = await airflow.denials();
      denials.forEach(denial => console.log(`refused: ${denial}`));
      process.exitCode = outcomes.every(isGood) && denials.length === 0 ? 0 : 1;
    } finally {
      console.log(`\nseed ${seed}\n${outcomeTable(outcomes)}`);
      await airflow.interrupt();
    }
  } finally {
    await proxy.close();
  }
  // otherwise the logs may be worth reading
  if (process.exitCode === 0) await LocalAirflow.deleteState(CLOUD_ASSEMBLY);
}

/** As the scaler itself would find it. */
function apiOfScaler({ endpoint }: EcsProxy): string | undefined {
  const scaler = scalerProcess(endpoint);
  return scaler && variableOf(scaler, 'AWS_ENDPOINT_URL');
}

async function runRounds(trials: Trials, rounds: readonly Round[], deadline: number, outcomes: Outcome[]): Promise<void> {
  try {
    await trials.ready();
    for (const round of rounds) {
      if (Date.now() > deadline) return;
      const began = Date.now();
      const some = await trials.run(round);
      outcomes.push(...some);
      console.log(`${some.every(isGood) ? '✓' : '✗'} ${round}: ${some.length} trials, ${((Date.now() - began) / 1000).toFixed(0)} s`);
      for (const outcome of some.filter(each => !isGood(each) || !each.hit)) console.log(`    ${JSON.stringify(outcome)}`);
    }
  } finally {
    trials.close();
  }
}

const program = new Command('npm run scale-trials --')
  .description('Lets things happen to pools of workers at work: no task may be lost, killed or stuck.')
  .option('--trials <number>', 'how many at least: a pool at work through one thing is one', '24')
  .option('--seed <number>', 'the same seed plans the same', '1')
  .option('--minutes <number>', 'no round begins later', '60')
  .option('--only <rounds...>', `some of: ${Object.keys(ROUNDS).join(', ')}`);
main(program.parse().opts<Options>()).catch(fail);
