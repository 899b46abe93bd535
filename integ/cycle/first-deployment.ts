import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import * as path from 'node:path';
import { RDS } from '@aws-sdk/client-rds';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { deploy, failToDeploy } from './cdk';
import { ANY, continueStack, createStack, deleteStack, events, resources, stackStatus } from './cloudformation';
import { destroyByMistake } from './mistakes';
import { synthesize } from './subject';
import { constructPath, ofType, readTemplate, Template, upload } from './template';
import { DagSource, ServerlessAirflow } from '../../src';
import type { Checks } from '../../tools/checks';

const STACK = 'cycle-first';
const DAGS = path.join(__dirname, '..', '..', 'examples', 'typescript', 'getting-started', 'dags');

/** CloudFormation could not delete it: it has files. */
const LEFT = ['Airflow/Dags/Bucket', 'Airflow/Dags/Bucket/Policy'];

/** Where a creation is rolled back: at the beginning, at what is retained or protected, at the migration, at the end. */
const ROLLED_BACK = [
  'AWS::EC2::VPC', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::SecretsManager::Secret', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance',
  'Custom::AirflowMigration', 'AWS::ECS::Service',
];

const rds = new RDS({});
const secretsManager = new SecretsManager({});

/**
 * First deployments that fail, and are tried again: of the default template as users get it, with deletion protection and all that is retained.
 * The last one is then destroyed by mistake.
 */
export async function failFirst(checks: Checks, folder: string): Promise<void> {
  const define = (stack: Stack) => new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.directory(DAGS)] });
  const assembly = synthesize(`${folder}/first`, STACK, define);
  const template = readTemplate(assembly, STACK);
  const broken = synthesize(`${folder}/first-broken`, STACK, stack => {
    (define(stack).cluster.vpc.node.defaultChild as ec2.CfnVPC).addPropertyOverride('NoSuchProperty', true);
  });

  const published = await checks.that('cdk deploy --no-rollback fails at the first resource: what was made stays', async () => {
    match(await failToDeploy(broken, STACK, '--no-rollback'), /extraneous key \['NoSuchProperty'\]/);
    strictEqual(await stackStatus(STACK), 'CREATE_FAILED');
  });
  if (!published) { return; }
  await Promise.all([
    goOn(checks, assembly, template).then(() => destroyByMistake(checks, assembly, STACK)),
    rollBackAll(checks, template), // another stack: it uses the time that the CDK command line waits
  ]);
}

/** One creation that fails at each type in turn: whatever fails is corrected and tried again. */
async function goOn(checks: Checks, assembly: string, template: Template): Promise<void> {
  const wrong = new Set(Object.values(template.Resources).map(({ Type }) => Type));
  await checks.that(`${wrong.size} types of resources fail in turn and are corrected: it goes on, and nothing is deleted`, async () => {
    while (wrong.size > 0) {
      const made = await resources(STACK);
      const ids = Object.keys(template.Resources).filter(id => wrong.has(template.Resources[id].Type));
      await continueStack(STACK, await upload(withMistakes(template, ids), STACK, STACK));
      const failed = (await events(STACK))
        .filter(({ ResourceStatus, LogicalResourceId }) => ResourceStatus === 'CREATE_FAILED' && LogicalResourceId! in template.Resources)
        .at(-1)!;
      ok(wrong.delete(failed.ResourceType!), `${failed.LogicalResourceId} failed, which is right: ${failed.ResourceStatusReason}`);
      const after = await resources(STACK);
      deepStrictEqual([...made].filter(([id, physicalId]) => after.get(id) !== physicalId), []);
    }
  });
  await checks.that('cdk deploy --no-rollback of the right template: all is there', async () => {
    await deploy(assembly, STACK, '--no-rollback');
    deepStrictEqual([...(await resources(STACK)).keys()].sort(), Object.keys(template.Resources).sort());
  });
}

async function rollBackAll(checks: Checks, template: Template): Promise<void> {
  for (const type of ROLLED_BACK) {
    await checks.that(`a creation that fails at the last ${type} is rolled back: nothing is left but DAG files and a protected database`, () =>
      rollBack(template, type));
  }
  await checks.that('a second try under the name of all those: CREATE_COMPLETE', async () => {
    await createStack(`${STACK}-again`, await upload(template, STACK, `${STACK}-again`));
  });
}

/** Creates a stack with a mistake in the last resource of a type, and clears away what it leaves, as the documentation says. */
async function rollBack(template: Template, type: string): Promise<void> {
  const stackName = `${STACK}-again`;
  const last = ofType(template, type).at(-1)!;
  const stack = await createStack(stackName, await upload(withMistakes(template, [last]), STACK, stackName), ANY);
  const happened = await events(stack); // of a creation the last ones are there: all of the roll-back
  const [database] = ofType(template, 'AWS::RDS::DBCluster');
  const those = (status: string) => happened
    .filter(({ ResourceStatus, LogicalResourceId }) => ResourceStatus === status && LogicalResourceId! in template.Resources)
    .map(({ LogicalResourceId }) => LogicalResourceId!);
  const refused = those('DELETE_FAILED');

  deepStrictEqual(those('CREATE_FAILED'), [last]);
  deepStrictEqual(refused.filter(id => id !== database), []);
  strictEqual(await stackStatus(stack), refused.length > 0 ? 'ROLLBACK_FAILED' : 'ROLLBACK_COMPLETE');
  deepStrictEqual(those('DELETE_SKIPPED').map(id => constructPath(template, id)).filter(resource => !LEFT.includes(resource)), []);
  deepStrictEqual(those('DELETE_IN_PROGRESS').filter(id => !those('DELETE_COMPLETE').includes(id)), refused);
  const { SecretList } = await secretsManager.listSecrets({ Filters: [{ Key: 'name', Values: [stackName] }] });
  deepStrictEqual(SecretList!.map(({ Name }) => Name), []);

  const cluster = (await resources(stack)).get(database);
  await deleteStack(stack, refused);
  if (cluster) {
    await rds.modifyDBCluster({ DBClusterIdentifier: cluster, DeletionProtection: false });
    await rds.deleteDBCluster({ DBClusterIdentifier: cluster, SkipFinalSnapshot: true });
  }
}

/** No service takes a property that it does not know, and no custom resource a handler that is none. */
function withMistakes(template: Template, ids: string[]): Template {
  const wrong = ids.map(id => {
    const resource = template.Resources[id];
    const mistake = resource.Type.startsWith('Custom::') ? { ServiceToken: 'nothing' } : { NoSuchProperty: true };
    return [id, { ...resource, Properties: { ...resource.Properties, ...mistake } }];
  });
  return { ...template, Resources: { ...template.Resources, ...Object.fromEntries(wrong) } };
}
