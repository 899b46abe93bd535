import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import { RDS } from '@aws-sdk/client-rds';
import { failToDestroy } from './cdk';
import { events, eventsSince, failures, protectStack, resources, stackStatus } from './cloudformation';
import { ofType, readTemplate } from './template';
import type { Checks } from '../../tools/checks';

const rds = new RDS({});

/** Destroys a stack of the default template by mistake: with termination protection, and without. */
export async function destroyByMistake(checks: Checks, assembly: string, stackName: string): Promise<void> {
  const template = readTemplate(assembly, stackName);
  const [database] = ofType(template, 'AWS::RDS::DBCluster');
  const [writer] = ofType(template, 'AWS::RDS::DBInstance');

  await checks.that('cdk destroy by mistake, with termination protection: refused, and nothing happens', async () => {
    await protectStack(stackName, true);
    const earlier = await events(stackName);
    match(await failToDestroy(assembly, stackName), /cannot be deleted while TerminationProtection is enabled/);
    deepStrictEqual(await eventsSince(stackName, earlier), []);
  });
  await checks.that('cdk destroy by mistake, without: services and writer end, then the database refuses; its data and all secrets are there', async () => {
    await protectStack(stackName, false);
    const cluster = (await resources(stackName)).get(database)!;
    const earlier = await events(stackName);
    await failToDestroy(assembly, stackName);
    strictEqual(await stackStatus(stackName), 'DELETE_FAILED');
    const happened = await eventsSince(stackName, earlier);
    const position = (id: string, status: string) => happened.findIndex(event => event.LogicalResourceId === id && event.ResourceStatus === status);

    deepStrictEqual(failures(happened).map(failure => failure.split(' ')[0]), [database]);
    const writerGone = position(writer, 'DELETE_COMPLETE');
    ok(writerGone >= 0 && writerGone < position(database, 'DELETE_FAILED'), 'the writer was not deleted first');
    for (const service of ofType(template, 'AWS::ECS::Service')) {
      ok(position(service, 'DELETE_COMPLETE') >= 0, `${service} was not deleted`);
    }
    const { DBClusters } = await rds.describeDBClusters({ DBClusterIdentifier: cluster });
    deepStrictEqual(DBClusters!.map(({ DeletionProtection }) => DeletionProtection), [true]);
    const kept = Object.keys(template.Resources).filter(id => template.Resources[id].DeletionPolicy?.startsWith('Retain'));
    deepStrictEqual(kept.filter(id => position(id, 'DELETE_SKIPPED') < 0), []);
  });
}
