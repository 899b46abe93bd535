import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { ECS } from '@aws-sdk/client-ecs';
import { MigrationProperties, MigrationTask } from './migration-task';
import { CustomResourceEvent, handle } from '../custom-resource/custom-resource-response';

const ecs = new ECS({ maxAttempts: 8 });
const cloudFormation = new CloudFormation();

/**
 * Runs the migration task and waits for its end: at creation, and whenever the task changes. The task itself does only what is
 * missing, so running it once more is harmless. A roll-back runs the old one, which makes the old passwords valid again.
 */
export async function handler(event: CustomResourceEvent<MigrationProperties>): Promise<void> {
  await handle(event, 'airflow-migration', async () => {
    const task = new MigrationTask(ecs, event.ResourceProperties);
    try {
      await task.run(event.RequestId);
    } catch (error) {
      // the old release refuses tables that the new one has migrated: that must not keep CloudFormation from restoring the rest
      if (!await isRollBack(event)) { throw error; }
      console.error(`ignored in the roll-back: ${(error as Error).message}`);
    }
  });
}

/** Whether CloudFormation is going back to the resources of before, which the event does not say. */
async function isRollBack(event: CustomResourceEvent<MigrationProperties>): Promise<boolean> {
  if (event.RequestType !== 'Update') { return false; }
  try {
    const { Stacks } = await cloudFormation.describeStacks({ StackName: event.StackId });
    return Stacks?.[0]?.StackStatus === 'UPDATE_ROLLBACK_IN_PROGRESS';
  } catch (error) {
    const { name, message } = error as Error;
    console.error(`cloudformation:DescribeStacks failed: ${name}: ${message}`);
    return false;
  }
}
