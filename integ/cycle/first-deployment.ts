import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';
import * as path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { deploy, failToDeploy } from './cdk';
import { continueStack, events, resources, stackStatus } from './cloudformation';
import { destroyByMistake } from './mistakes';
import { rollBackAll } from './roll-backs';
import { synthesize } from './subject';
import { readTemplate, Template, upload, withMistakes } from './template';
import { DagSource, ServerlessAirflow } from '../../src';
import type { Checks } from '../../tools/checks';

const STACK = 'cycle-first';
const DAGS = path.join(__dirname, '..', '..', 'examples', 'typescript', 'getting-started', 'dags');

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
    rollBackAll(checks, template, STACK), // another stack: it uses the time that the CDK command line waits
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
