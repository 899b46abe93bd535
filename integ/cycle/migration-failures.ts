import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { failToDeploy } from './cdk';
import { events, eventsSince, HANGS_SECONDS, resources, stackStatus } from './cloudformation';
import type { Life } from './life';
import { tasks, tasksEnd } from './local-aws';
import { NEW_VERSION, Variant } from './subject';
import { ofType } from './template';
import { until } from '../../local/until';

/** Seconds that a task needs to end where it does not matter. */
const SOON = 1;

/** Step 4: a migration that fails, and one that fails in the roll-back too. */
export async function failMigrations(life: Life): Promise<void> {
  const { checks } = life;
  await checks.that('migration exits with 3: the deployment fails and says code, reason and log stream; all is as it was', async () => {
    const { output, taskId } = await failOnce(life, NEW_VERSION, 3, SOON);
    match(output, /container databases exited with code 3/);
    match(output, /task stopped: Essential container in task exited/);
    ok(output.includes(`log stream migration/databases/${taskId}`), output);
  });
  await checks.that('the older release fails as well: the roll-back goes on without it; all is as it was', async () => {
    const { output } = await failOnce(life, NEW_VERSION, 3, SOON, 1);
    match(output, /container databases exited with code 3/);
    ok(!output.includes('exited with code 1'), output);
  });
}

/** Deploys with a migration that ends so, and so in the roll-back. Asserts that the stack is as before. */
async function failOnce(life: Life, variant: Variant, code: number, after: number, rollBackCode = 0): Promise<{ output: string; taskId: string }> {
  const assembly = life.synthesize(variant);
  const before = await resources(life.stackName);
  const earlier = await events(life.stackName);
  const tasksBefore = await tasks(life.migrationFamily);

  await tasksEnd(life.migrationFamily, code, after);
  const failing = failToDeploy(assembly, life.stackName);
  const started = async () => (await tasks(life.migrationFamily))[tasksBefore.length];
  try {
    await Promise.race([failing, until('the migration is started', HANGS_SECONDS, started, 100)]);
  } finally {
    await tasksEnd(life.migrationFamily, rollBackCode, SOON);
  }
  const output = await failing;
  await tasksEnd(life.migrationFamily, 0, SOON);

  strictEqual(await stackStatus(life.stackName), 'UPDATE_ROLLBACK_COMPLETE');
  deepStrictEqual(await resources(life.stackName), before);
  const services = ofType(life.template(assembly), 'AWS::ECS::Service');
  const happened = await eventsSince(life.stackName, earlier);
  deepStrictEqual(happened.filter(({ LogicalResourceId }) => services.includes(LogicalResourceId!)), [], 'a service was touched');
  const [failed, rolledBack] = (await tasks(life.migrationFamily)).slice(tasksBefore.length);
  strictEqual(rolledBack.exitCode, rollBackCode);
  return { output, taskId: failed.task.split('/').pop()! };
}
