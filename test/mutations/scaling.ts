import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { caughtByTests, SourceMutation } from './source-mutations';

const SCALER = 'scaler/worker-scaler.ts';
const SERVICES = 'cluster/cluster-services.ts';

/** Mistakes in what pools that follow their queues have in the template. */
export const SCALING_MUTATIONS: SourceMutation[] = [
  {
    name: 'a pool that follows its queues has a desired count',
    consequence: 'every deployment stops all workers but one, and what they run',
    file: 'fargate/fargate-service.ts',
    code: 'produce: () => props.scaled ||',
    replacement: 'produce: () =>',
  },
  {
    name: 'ECS evens out workers that follow a queue between zones',
    consequence: 'it stops workers with running tasks whenever it likes',
    file: 'fargate/fargate-service.ts',
    code: 'availabilityZoneRebalancing: props.rebalanced ?',
    replacement: 'availabilityZoneRebalancing: props.rebalanced || !props.single ?',
  },
  {
    name: 'a deployment stops old workers first',
    consequence: 'a pool is smaller than it has to be for as long as workers start',
    file: 'fargate/fargate-service.ts',
    code: 'minHealthyPercent: props.single ? 0 : 100',
    replacement: 'minHealthyPercent: 0',
  },
  {
    name: 'parallelism is no more than the slots of all workers',
    consequence: 'a queue without workers holds all others up',
    file: SERVICES,
    code: 'const PARALLELISM_PER_SLOT = 1.25;',
    replacement: 'const PARALLELISM_PER_SLOT = 1;',
  },
  {
    name: 'parallelism leaves out the pools that follow their queues',
    consequence: 'workers are paid for tasks that the scheduler holds back',
    file: SERVICES,
    code: 'reduce((sum, { _slots: { max } }) => sum + max, 0);',
    replacement: 'reduce((sum, { _slots: { min } }) => sum + min, 0);',
  },
  {
    name: 'a user\'s own parallelism can be less than the slots',
    consequence: 'workers are paid for tasks that the scheduler holds back',
    file: 'service/airflow-service.ts',
    code: 'Token.isUnresolved(given) || Number(given) >= least',
    replacement: 'Token.isUnresolved(given) || Number(given) > 0',
  },
  {
    name: 'a large fleet is queued 16 tasks at once',
    consequence: 'nothing fails: 10,000 tasks start minutes later',
    file: 'service/airflow-service.ts',
    code: 'if (services.slots > MANY_SLOTS && ',
    replacement: 'if (services.slots < 0 && ',
  },
  {
    name: 'SIGTERM reaches the tasks of a worker, too',
    consequence: 'each worker that leaves kills what it runs',
    file: 'workers/worker-component.ts',
    code: 'DUMB_INIT_SETSID: \'0\',',
    replacement: '',
  },
  {
    name: 'tasks are not tried again',
    consequence: 'a worker on Spot that is taken back fails a DAG',
    file: 'container/shared-environment.ts',
    code: 'AIRFLOW__CORE__DEFAULT_TASK_RETRIES: \'1\'',
    replacement: 'AIRFLOW__CORE__DEFAULT_TASK_RETRIES: \'0\'',
  },
  {
    name: 'the scheduler ends with the scaler',
    consequence: 'an outage of the ECS API is one of Airflow',
    file: SCALER,
    code: 'essential: false,',
    replacement: 'essential: true,',
  },
  {
    name: 'the scaler is not started again',
    consequence: 'after it was killed once the number of workers stays for ever',
    file: SCALER,
    code: 'restartAttemptPeriod: Duration.minutes(1),',
    replacement: '',
  },
  {
    name: 'the scaler may have other programs run',
    consequence: 'nothing fails: whoever takes over the scheduler can have workers run any task definition',
    file: SCALER,
    code: 'Null: { \'ecs:task-definition\': \'true\' }, ',
    replacement: '',
  },
  {
    name: 'the scaler may open workers to commands',
    consequence: 'nothing fails: whoever takes over the scheduler gets into workers',
    file: SCALER,
    code: ', BoolIfExists: { \'ecs:enable-execute-command\': \'false\' }',
    replacement: '',
  },
  {
    name: 'the scaler may scale every service of the ECS cluster',
    consequence: 'nothing fails: whoever takes over the scheduler can stop the database\'s clients',
    file: SCALER,
    code: 'allow([\'UpdateService\'], [],',
    replacement: 'allow([\'UpdateService\'], [\'*\'],',
  },
  {
    name: 'the scaler may protect tasks of every ECS cluster',
    consequence: 'nothing fails: deployments of others can be held up',
    file: SCALER,
    code: '[all(\'task\')]);',
    replacement: '[\'*\']);',
  },
  {
    name: 'the scaler does not know a pool that is added later',
    consequence: 'its tasks wait for ever',
    file: SCALER,
    code: 'this.services.push(scaled);',
    replacement: 'if (this.services.length === 0) { this.services.push(scaled); }',
  },
  {
    name: 'the scaler takes the drain time of one pool for all',
    consequence: 'a deployment kills tasks of a pool that may run for longer',
    file: 'workers/worker-numbers.ts',
    code: 'drained_within: (maxDrain ?? Duration.hours(2)).toSeconds(),',
    replacement: 'drained_within: Duration.hours(2).toSeconds(),',
  },
];

/** Steps of the protocol that the scaler's program leaves out or does wrong: the names are those of test/scaler/world.py. */
export const STEPS: Record<string, string> = {
  'nobody is told to take nothing': 'a worker is never idle, or takes a task when it is about to be stopped',
  'one that takes tasks counts as idle': 'a worker is stopped that has just taken a task',
  'idle once is enough': 'a message that was on its way is lost with its worker',
  'unprotected before it is idle': 'ECS stops a worker with its tasks',
  'the time to drain is always over': 'each deployment kills what runs',
  'lowered first': 'ECS refuses every renewal, and stops a worker whose lease has run out',
  'lowered beside workers that are not protected': 'ECS stops one of these instead',
  'lowered while workers are missing': 'ECS stops one that was just placed and has a task',
  'taken back without protection': 'a worker that works again can be stopped',
  'who leaves is forgotten after a crash': 'a worker takes nothing for ever, and is paid',
};

/** Names of the mistakes that a unit test fails for. */
export function caughtByScalingTests(): Set<string> {
  return caughtByTests(SCALING_MUTATIONS, { parts: ['test/scaler', 'test/private'], tests: ['scaler/worker-scaler.test.ts'] });
}

/** Names of the steps whose absence the model of the protocol notices. */
export function caughtByModel(): Set<string> {
  const { stdout, stderr } = spawnSync(join(__dirname, '../../node_modules/.bin/jest'), ['--json', '--coverage=false', 'test/scaler/scaler.test.ts'], { encoding: 'utf-8' });
  const tests = (stdout && JSON.parse(stdout).testResults[0].assertionResults) as { title: string; status: string }[] | undefined;
  const noticed = (tests ?? []).flatMap(({ title, status }) => title.startsWith('a mistake is noticed: ') && status === 'passed' ? [title.split(': ')[1]] : []);
  const unknown = noticed.filter(name => !(name in STEPS));
  if (noticed.length === 0 || unknown.length > 0) throw new Error(`steps without a consequence: ${unknown.join(', ') || 'none'}\n${stderr}`);
  return new Set(noticed);
}
