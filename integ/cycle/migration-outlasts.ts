import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { failToDeploy } from './cdk';
import { resources, stackStatus } from './cloudformation';
import type { Life } from './life';
import { LocalTask, tasks, tasksEnd } from './local-aws';
import { BASE, IMPATIENT, NEW_VERSION } from './subject';

/** Seconds that the migration takes: longer than an invocation of its function, than its deployment waits, and than the roll-back. */
const LONG = 110;
const SOON = 1;

/** Step 4, too: a migration that outlasts every limit is never stopped, and no other one runs beside it. */
export async function outlastMigration(life: Life): Promise<void> {
  const { checks, stackName } = life;
  const before = await tasks(life.migrationFamily);
  const started = async (): Promise<LocalTask[]> => (await tasks(life.migrationFamily)).slice(before.length);

  await checks.that('migration outlasts its deployment: that fails and says where it goes on; the roll-back starts none beside it; all is as it was', async () => {
    const deployed = await resources(stackName);
    await tasksEnd(life.migrationFamily, 0, LONG);
    const output = await failToDeploy(life.synthesize(IMPATIENT), stackName);
    match(output, /the migration has not ended within 50 seconds and goes on, as task arn:aws:ecs:/);
    strictEqual(await stackStatus(stackName), 'UPDATE_ROLLBACK_COMPLETE');
    deepStrictEqual(await resources(stackName), deployed);
    deepStrictEqual((await started()).map(({ status }) => status), ['RUNNING']);
  });
  await checks.that('the next deployment waits for it before it starts its own', async () => {
    const [first] = await started();
    await tasksEnd(life.migrationFamily, 0, SOON);
    const seen = new Set<string>();
    const watch = setInterval(() => void started().then(all => seen.add(all.map(({ status }) => status).join())), 200);
    await life.update(life.synthesize(NEW_VERSION)).finally(() => clearInterval(watch));
    const [same, own, ...others] = await started();
    deepStrictEqual([same.task, same.status, own.status, others], [first.task, 'STOPPED', 'STOPPED', []]);
    deepStrictEqual([...seen].filter(states => /(RUNNING|PROVISIONING),(RUNNING|PROVISIONING)/.test(states)), []);
    ok(seen.has('RUNNING'), 'the first one had ended before');
  });
  await checks.that('back to the release of before', async () => {
    await life.update(life.synthesize(BASE, 'base-after-migration'));
  });
}
