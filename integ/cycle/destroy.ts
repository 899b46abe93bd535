import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { ECS } from '@aws-sdk/client-ecs';
import { RDS } from '@aws-sdk/client-rds';
import { deploy, destroy } from './cdk';
import { touched } from './changes';
import { deletionEvents, events, failures, resources, stackId, stackStatus } from './cloudformation';
import type { Life } from './life';
import { properties, tasks, tasksEnd } from './local-aws';
import { UNPROTECTED } from './subject';
import { constructPath, ofType } from './template';

const rds = new RDS({});

/** Seconds. */
const NEVER = 100_000;

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
    const happened = await deletionEvents(id, earlier);
    deepStrictEqual(failures(happened), []);
    const left = happened.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_SKIPPED').map(({ LogicalResourceId }) => LogicalResourceId!);
    deepStrictEqual(left.map(logicalId => constructPath(template, logicalId)).sort(), subject.retained);
    const { DBClusterSnapshots } = await rds.describeDBClusterSnapshots({ DBClusterIdentifier: cluster, SnapshotType: 'manual' });
    strictEqual(DBClusterSnapshots!.length, finalSnapshot ? 1 : 0);
  });
  await checks.that('deploy again beside what is left', async () => {
    await deploy(assembly, stackName);
    strictEqual(await stackStatus(stackName), 'CREATE_COMPLETE');
  });
  await destroyDuringMigration(life);
}

/** Also a task that an earlier deployment has left: ECS deletes no cluster with tasks. */
export async function destroyDuringMigration(life: Life): Promise<void> {
  const { checks, stackName, migrationFamily } = life;
  const assembly = life.synthesize(UNPROTECTED);
  const template = life.template(assembly);
  await checks.that('destroy while a migration runs: it is stopped, and the cluster goes after that', async () => {
    const stack = await stackId(stackName);
    const [migration, cluster] = ['Custom::AirflowMigration', 'AWS::ECS::Cluster'].map(type => ofType(template, type)[0]);
    const running = await startMigration(life, migration);
    const earlier = await events(stack);
    await destroy(assembly, stackName);
    strictEqual((await tasks(migrationFamily)).find(({ task }) => task === running)!.status, 'STOPPED');
    const happened = await deletionEvents(stack, earlier);
    deepStrictEqual(failures(happened), []);
    const position = (id: string, status: string) => happened.findIndex(event => event.LogicalResourceId === id && event.ResourceStatus === status);
    const end = position(migration, 'DELETE_COMPLETE');
    ok(end >= 0 && end < position(cluster, 'DELETE_IN_PROGRESS'), 'the cluster did not wait for the migration');
  });
}

/** A task that an earlier deployment has left running, as the migration's function starts it, and that never ends by itself. Returns its ARN. */
async function startMigration({ stackName, migrationFamily }: Life, migration: string): Promise<string> {
  const given = await properties(stackName, migration) as Record<string, string> & { SubnetIds: string[] };
  await tasksEnd(migrationFamily, 0, NEVER);
  const { startedBy } = (await tasks(migrationFamily)).at(-1)!;
  const started = await new ECS({}).runTask({
    cluster: given.ClusterArn,
    taskDefinition: given.TaskDefinitionArn,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: given.SubnetIds, securityGroups: [given.SecurityGroupId] } },
    startedBy,
  });
  await tasksEnd(migrationFamily, 0, 1);
  return started.tasks![0].taskArn!;
}
