import { deepStrictEqual, strictEqual } from 'node:assert';
import { RemovalPolicy } from 'aws-cdk-lib';
import { deploy, destroy } from './cdk';
import { resources, stackStatus } from './cloudformation';
import { synthesize } from './subject';
import { readTemplate } from './template';
import { AirflowCluster, ServerlessAirflow } from '../../src';
import type { Checks } from '../../tools/checks';

/** Step 5: several deployments in one account, two of them in one stack. Each has its VPC: the local AWS allows one namespace in each. */
export async function deploySeveral(checks: Checks, folder: string): Promise<void> {
  const removalPolicy = RemovalPolicy.DESTROY;
  const twins = synthesize(`${folder}/twins`, 'cycle-twins', stack => {
    new ServerlessAirflow(stack, 'First', { removalPolicy });
    const cluster = new AirflowCluster(stack, 'SecondCluster', { namespaceName: 'second', removalPolicy });
    new ServerlessAirflow(stack, 'Second', { cluster, removalPolicy });
  });
  const neighbour = synthesize(`${folder}/neighbour`, 'cycle-neighbour', stack => {
    new ServerlessAirflow(stack, 'First', { removalPolicy });
  });

  const deployed = await checks.that('two deployments in one stack, in two namespaces: CREATE_COMPLETE', async () => {
    await deploy(twins, 'cycle-twins');
    strictEqual(await stackStatus('cycle-twins'), 'CREATE_COMPLETE');
  });
  if (deployed) {
    await checks.that('a second stack beside it, with the same construct ids: CREATE_COMPLETE, no physical name in both', async () => {
      await deploy(neighbour, 'cycle-neighbour');
      strictEqual(await stackStatus('cycle-neighbour'), 'CREATE_COMPLETE');
      const taken = await physicalNames(twins, 'cycle-twins');
      deepStrictEqual((await physicalNames(neighbour, 'cycle-neighbour')).filter(name => taken.includes(name)), []);
    });
    await checks.that('destroy both', async () => {
      await destroy(neighbour, 'cycle-neighbour');
      await destroy(twins, 'cycle-twins');
    });
  }
}

/** Physical names in a stack; those of custom resources name nothing. */
async function physicalNames(assembly: string, stackName: string): Promise<string[]> {
  const { Resources } = readTemplate(assembly, stackName);
  return [...await resources(stackName)].filter(([logicalId]) => !Resources[logicalId].Type.startsWith('Custom::')).map(([, name]) => name);
}
