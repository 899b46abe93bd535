import { deepStrictEqual, strictEqual } from 'node:assert';
import { RDS } from '@aws-sdk/client-rds';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { ANY, createStack, deleteStack, events, resources, stackStatus } from './cloudformation';
import { withDependencies } from './schedules';
import { constructPath, ofType, renamed, Template, upload, withMistakes } from './template';
import type { Checks } from '../../tools/checks';

/** CloudFormation could not delete it: it has files. */
const LEFT = ['Airflow/Dags/Bucket', 'Airflow/Dags/Bucket/Policy'];

/** Where all that comes before is there as well: at the beginning, at what is retained or protected, at the migration, at the end. */
const WITH_ALL = [
  'AWS::EC2::VPC', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::SecretsManager::Secret', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance',
  'Custom::AirflowMigration', 'AWS::ECS::Service',
];

const rds = new RDS({});
const secretsManager = new SecretsManager({});

/** Creations that fail at each type of resource in turn, one after another under one name; the last one succeeds. */
export async function rollBackAll(checks: Checks, original: Template, stackName: string): Promise<void> {
  const again = `${stackName}-again`;
  const template = renamed(original, stackName, again);
  const create = async (part: Template, wanted?: string) => createStack(again, await upload(part, again, again), wanted);
  for (const type of new Set(Object.values(template.Resources).map(({ Type }) => Type))) {
    const failing = ofType(template, type).at(-1)!;
    // what it does not need may be there or not when it fails, and is sooner made where it is not
    const part = WITH_ALL.includes(type) ? template : withDependencies(template, failing);
    await checks.that(`a creation that fails at the last ${type} is rolled back: nothing is left but DAG files and a protected database`, async () =>
      clearAway(part, await create(withMistakes(part, [failing]), ANY), failing));
  }
  await checks.that('a second try under the name of all those: CREATE_COMPLETE', async () => {
    await create(template);
  });
}

/** Looks at what is left of a creation that failed at a resource, and clears it away, as the documentation says. */
async function clearAway(template: Template, stack: string, failing: string): Promise<void> {
  const happened = await events(stack); // the newest ones: all of the roll-back, and what it was for
  const [database] = ofType(template, 'AWS::RDS::DBCluster');
  const those = (status: string) => happened
    .filter(({ ResourceStatus, LogicalResourceId }) => ResourceStatus === status && LogicalResourceId! in template.Resources)
    .map(({ LogicalResourceId }) => LogicalResourceId!);
  const refused = those('DELETE_FAILED');

  deepStrictEqual(those('CREATE_FAILED'), [failing]);
  deepStrictEqual(refused.filter(id => id !== database), []);
  strictEqual(await stackStatus(stack), refused.length > 0 ? 'ROLLBACK_FAILED' : 'ROLLBACK_COMPLETE');
  deepStrictEqual(those('DELETE_SKIPPED').map(id => constructPath(template, id)).filter(resource => !LEFT.includes(resource)), []);
  deepStrictEqual(those('DELETE_IN_PROGRESS').filter(id => !those('DELETE_COMPLETE').includes(id)), refused);
  const { SecretList } = await secretsManager.listSecrets({ Filters: [{ Key: 'name', Values: [stack.split('/')[1]] }] });
  deepStrictEqual(SecretList!.map(({ Name }) => Name), []);

  const cluster = (await resources(stack)).get(database ?? '');
  await deleteStack(stack, refused);
  if (cluster) {
    await rds.modifyDBCluster({ DBClusterIdentifier: cluster, DeletionProtection: false });
    await rds.deleteDBCluster({ DBClusterIdentifier: cluster, SkipFinalSnapshot: true });
  }
}
