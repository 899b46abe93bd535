import { ECS } from '@aws-sdk/client-ecs';
import { MigrationProperties, MigrationTask } from './migration-task';
import { CustomResourceEvent, handle } from '../private/custom-resource-response';

const ecs = new ECS({ maxAttempts: 8 });

/**
 * Runs the migration task and waits for its end: at creation, and whenever the task changes. The task itself does only what is
 * missing, so running it once more, in a roll-back for example, is harmless.
 */
export async function handler(event: CustomResourceEvent<MigrationProperties>): Promise<void> {
  await handle(event, 'airflow-migration', async () => {
    const task = new MigrationTask(ecs, event.ResourceProperties);
    await task.run(event.RequestId);
  });
}
