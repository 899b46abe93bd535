import pc from 'picocolors';
import { openApp, type GlobalOptions } from './app';
import { eventLine } from './events';
import { deployedTemplate, formatDifference, type ResourceEvent } from '../cloudformation';
import { ControlClient } from '../engine/control-client';
import { UserError } from '../errors';

/** What takes its time: that it has begun is worth a line. */
const SLOW = /^(AWS::ECS::Service|AWS::RDS::.*|Custom::.*)$/;

/** Changes a running stack to what the assembly says now; the exit code is 1 if that failed, after the roll-back. */
export async function deploy(options: GlobalOptions): Promise<number> {
  const { folders, stack } = openApp(options);
  const client = new ControlClient(folders.run);
  const { deployment } = await client.status();
  const deployed = deployedTemplate(folders.state);
  if (!deployment || !deployed) {
    throw new UserError('it is still starting: wait until everything is healthy');
  }
  if (!formatDifference(deployed, stack, process.stdout)) {
    console.log('no changes');
    return 0;
  }
  const began = Date.now();
  await client.deploy(print).catch((error: Error) => {
    throw new UserError(`the deployment failed: ${error.message} (\`npx serverless-airflow local events\` tells what was rolled back)`);
  });
  console.log(pc.green(`deployed after ${((Date.now() - began) / 1000).toFixed(1)} s`));
  return 0;
}

function print(event: ResourceEvent): void {
  if (!event.status.endsWith('_IN_PROGRESS') || SLOW.test(event.type)) console.log(eventLine(event));
}
