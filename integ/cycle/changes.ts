import { deepStrictEqual, strictEqual } from 'node:assert';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { resources, stackStatus } from './cloudformation';
import { assertMigrationFirst } from './deploy';
import type { Life } from './life';
import { NEW_VERSION, SCHEDULER_ENVIRONMENT, WORKER_COUNT } from './subject';
import { constructPath, ofType, Template } from './template';

/** Step 3: a change touches what it is about and nothing else. */
export async function changeParts(life: Life): Promise<void> {
  const { checks } = life;
  await checks.that('change the environment of the scheduler: its task definition and its service change, nothing else', async () => {
    const assembly = life.synthesize(SCHEDULER_ENVIRONMENT);
    const template = life.template(assembly);
    deepStrictEqual(touched(template, await life.update(assembly)), ['Airflow/Scheduler/Service/Service', 'Airflow/Scheduler/TaskDefinition']);
  });
  await checks.that('change the number of workers: their service changes, nothing else', async () => {
    const assembly = life.synthesize(WORKER_COUNT);
    deepStrictEqual(touched(life.template(assembly), await life.update(assembly)), ['Airflow/Worker/Service/Service']);
  });
}

/** Step 3, too, after step 4 tried in vain to do it. */
export async function changeVersion(life: Life): Promise<void> {
  await life.checks.that('change the version of Airflow: the migration runs, then every service changes; Redis and all data stay', async () => {
    const assembly = life.synthesize(NEW_VERSION);
    const template = life.template(assembly);
    const before = await resources(life.stackName);
    const happened = await life.update(assembly);
    strictEqual(await stackStatus(life.stackName), 'UPDATE_COMPLETE');
    assertMigrationFirst(template, happened, life.airflowServices(template), 'UPDATE');
    const after = await resources(life.stackName);
    const replaced = [...before].filter(([logicalId, physicalId]) => after.get(logicalId) !== physicalId).map(([logicalId]) => logicalId);
    const ofAirflow = ofType(template, 'AWS::ECS::TaskDefinition').filter(logicalId => !/\bRedis\b/.test(constructPath(template, logicalId)));
    deepStrictEqual(replaced.sort(), ofAirflow.sort());
  });
}

/** Construct paths of the resources that something happened to. */
export function touched(template: Template, happened: StackEvent[]): string[] {
  const logicalIds = happened.filter(({ ResourceType }) => ResourceType !== 'AWS::CloudFormation::Stack').map(({ LogicalResourceId }) => LogicalResourceId!);
  return [...new Set(logicalIds)].map(logicalId => constructPath(template, logicalId)).sort();
}
