import { deepStrictEqual, strictEqual } from 'node:assert';
import { RDS } from '@aws-sdk/client-rds';
import { deploy, destroy } from './cdk';
import { touched } from './changes';
import { events, eventsSince, failures, resources, stackId, stackStatus } from './cloudformation';
import type { Life } from './life';
import { UNPROTECTED } from './subject';
import { constructPath, ofType } from './template';

const rds = new RDS({});

/** Step 6: destroy, see what is left, and deploy again. */
export async function destroyAndReturn(life: Life): Promise<void> {
  const { checks, stackName, subject } = life;
  const assembly = life.synthesize(UNPROTECTED);
  const template = life.template(assembly);
  const [database] = ofType(template, 'AWS::RDS::DBCluster');
  const finalSnapshot = template.Resources[database].DeletionPolicy === 'Snapshot';

  if (subject.protected) {
    await checks.that('switch the deletion protection off: only the database changes', async () => {
      deepStrictEqual(touched(template, await life.update(assembly)), [constructPath(template, database)]);
    });
  }
  await checks.that(`destroy: no failed deletion; left are ${subject.retained.length} resources and ${finalSnapshot ? 'a' : 'no'} snapshot`, async () => {
    const id = await stackId(stackName);
    const cluster = (await resources(stackName)).get(database)!;
    const earlier = await events(id);
    await destroy(assembly, stackName);
    strictEqual(await stackStatus(id), 'DELETE_COMPLETE');
    const happened = await eventsSince(id, earlier);
    deepStrictEqual(failures(happened), []);
    const left = happened.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_SKIPPED').map(({ LogicalResourceId }) => LogicalResourceId!);
    deepStrictEqual(left.map(logicalId => constructPath(template, logicalId)).sort(), subject.retained);
    const { DBClusterSnapshots } = await rds.describeDBClusterSnapshots({ DBClusterIdentifier: cluster, SnapshotType: 'manual' });
    strictEqual(DBClusterSnapshots!.length, finalSnapshot ? 1 : 0);
  });
  await checks.that('deploy again beside what is left, and destroy again', async () => {
    await deploy(assembly, stackName);
    strictEqual(await stackStatus(stackName), 'CREATE_COMPLETE');
    await destroy(assembly, stackName);
  });
}
