import { createHash } from 'node:crypto';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { ECS } from '@aws-sdk/client-ecs';
import { Lambda } from '@aws-sdk/client-lambda';
import { Clock, InvocationEnds, MigrationRun, Progress, ROLL_BACK } from './migration-run';
import { MigrationProperties, MigrationTasks } from './migration-tasks';
import { CustomResourceEvent, DeploymentError, handle, HANDED_OVER } from '../custom-resource/custom-resource-response';

const ecs = new ECS({ maxAttempts: 8 });
const lambda = new Lambda({ maxAttempts: 8 });
const cloudFormation = new CloudFormation();

/** Of an invocation: for the requests that are on their way, and for the next invocation. Milliseconds. */
const RESERVE = 60_000;
/** Time for a task to stop: the 30 s of the containers' stop timeout, and what Fargate needs for the network interface. Seconds. */
const STOP_LIMIT = 300;

export interface MigrationEvent extends CustomResourceEvent<MigrationProperties> {
  /** Absent in an event of CloudFormation. */
  readonly Progress?: Progress;
}

/** The part of Lambda's context that is needed. */
export interface Context {
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

const clock: Clock = {
  now: Date.now,
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
};

/**
 * Runs the migration task and waits for its end: at creation, and whenever the task changes. The task itself does only what is
 * missing, so running it once more is harmless. A roll-back runs the old one, which makes the old passwords valid again.
 *
 * A migration takes as long as it takes, and an invocation 15 minutes at most. Shortly before its end the function invokes itself to go
 * on: four times in the hour that CloudFormation waits, where Lambda stops what it takes for an endless loop at 16.
 */
export async function handler(event: MigrationEvent, context: Context): Promise<void> {
  await handle(event, 'airflow-migration', async () => {
    const run = await newRun(event, context, Number(event.ResourceProperties.TimeoutSeconds));
    try {
      await run.migrate();
    } catch (error) {
      if (error instanceof InvocationEnds) {
        await invokeAgain({ ...event, Progress: run.progress }, context.invokedFunctionArn);
        return HANDED_OVER;
      }
      // the old release refuses tables that the new one has migrated: that must not keep CloudFormation from restoring the rest
      if (run.progress.stackStatus !== ROLL_BACK) { throw error; }
      console.error(`ignored in the roll-back: ${(error as Error).message}`);
    }
    return undefined;
  }, async () => (await newRun(event, context, STOP_LIMIT)).remove());
}

async function newRun(event: MigrationEvent, context: Context, seconds: number): Promise<MigrationRun> {
  const remaining = context.getRemainingTimeInMillis();
  const end = clock.now() + remaining - Math.min(RESERVE, remaining / 2);
  const stackStatus = () => statusOf(event.StackId);
  const progress = event.Progress ?? { start: clock.now(), seconds, stackStatus: await stackStatus(), attempts: 0 };
  const tasks = new MigrationTasks(ecs, event.ResourceProperties, startedBy(event));
  return new MigrationRun(tasks, event.RequestId, progress, { clock, end, stackStatus });
}

/** What ECS knows the tasks of this resource by, over all of its requests; at most 36 characters. */
function startedBy({ StackId, LogicalResourceId }: MigrationEvent): string {
  return `airflow-${createHash('sha256').update(`${StackId}/${LogicalResourceId}`).digest('hex').slice(0, 28)}`;
}

async function invokeAgain(event: MigrationEvent, functionArn: string): Promise<void> {
  try {
    await lambda.invoke({ FunctionName: functionArn, InvocationType: 'Event', Payload: JSON.stringify(event) });
  } catch (error) {
    const { name, message } = error as Error;
    const { taskArn } = event.Progress!;
    throw new DeploymentError(`lambda:InvokeFunction failed: ${name}: ${message}${taskArn ? `; the migration goes on, as task ${taskArn}` : ''}`);
  }
}

/** Only this tells a roll-back, and a request that CloudFormation has given up; the event does not. */
async function statusOf(stackId: string): Promise<string | undefined> {
  try {
    const { Stacks } = await cloudFormation.describeStacks({ StackName: stackId });
    return Stacks?.[0]?.StackStatus;
  } catch (error) {
    const { name, message } = error as Error;
    console.error(`cloudformation:DescribeStacks failed: ${name}: ${message}`);
    return undefined;
  }
}
