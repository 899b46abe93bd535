import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { deploy } from './cdk';
import { events, stackStatus } from './cloudformation';
import type { Life } from './life';
import { tasks } from './local-aws';
import { BASE } from './subject';
import { constructPath, ofType, Template } from './template';

/** Steps 1 and 2: deploy, and deploy again. Returns whether there is anything to go on with. */
export async function deployTwice(life: Life): Promise<boolean> {
  const { checks, stackName } = life;
  const assembly = life.synthesize();

  const deployed = await checks.that('deploy: CREATE_COMPLETE', async () => {
    await deploy(assembly, stackName);
    strictEqual(await stackStatus(stackName), 'CREATE_COMPLETE');
  });
  if (!deployed) {
    return false;
  }
  await checks.that('deploy: the migration task ended with 0, and after it every service was created', async () => {
    const template = life.template(assembly);
    deepStrictEqual((await tasks(life.migrationFamily)).map(({ status, exitCode }) => [status, exitCode]), [['STOPPED', 0]]);
    assertMigrationFirst(template, await events(stackName), life.airflowServices(template), 'CREATE');
  });
  await checks.that('deploy again: no changes', async () => {
    const output = await deploy(assembly, stackName);
    ok(output.includes('(no changes)'), output);
  });
  await checks.that('synthesize in another folder: the same template, the same assets', () => {
    const other = life.synthesize(BASE, 'base-again');
    deepStrictEqual(life.template(other), life.template(assembly));
    deepStrictEqual(assetHashes(life.template(other)), assetHashes(life.template(assembly)));
  });
  return true;
}

/** The migration's last event comes before the first one of each of these services. */
export function assertMigrationFirst(template: Template, happened: StackEvent[], services: string[], verb: 'CREATE' | 'UPDATE'): void {
  const [migration] = ofType(template, 'Custom::AirflowMigration');
  const end = happened.findIndex(event => event.LogicalResourceId === migration && event.ResourceStatus === `${verb}_COMPLETE`);
  ok(end >= 0, `the migration has no event ${verb}_COMPLETE`);
  for (const service of services) {
    const start = happened.findIndex(event => event.LogicalResourceId === service);
    ok(start > end, `${constructPath(template, service)} ${start < 0 ? 'has no event' : 'was touched before the migration ended'}`);
  }
}

/** Keys of the objects that functions and bucket deployments take their files from. */
function assetHashes(template: Template): string[] {
  return [...JSON.stringify(template).matchAll(/[0-9a-f]{64}\.zip/g)].map(([key]) => key).sort();
}
