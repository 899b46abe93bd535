import { S3 } from '@aws-sdk/client-s3';
import { createStack, deleteStack } from './cloudformation';
import type { Life } from './life';
import { enforce, schedules } from './schedules';
import { UNPROTECTED } from './subject';

/** Step 7: create and delete in every order that the declared dependencies allow, as far as pairs of resources are concerned. */
export async function fuzzSchedules(life: Life): Promise<void> {
  const template = life.template(life.synthesize(UNPROTECTED));
  const orders = schedules(template);
  const bucket = assetBucket();
  const s3 = new S3({ forcePathStyle: true });
  for (const [index, order] of orders.entries()) {
    await life.report.check(`order ${index + 1} of ${orders.length} of ${order.length} resources: create all, delete all`, async () => {
      const stackName = `${life.stackName}-order-${index + 1}`;
      const key = `${stackName}.json`;
      // families of task definitions are named after the stack at synthesis: two stacks of one template would share them
      const body = JSON.stringify(enforce(template, order)).replaceAll(nameInIds(life.stackName), nameInIds(stackName));
      await s3.putObject({ Bucket: bucket, Key: key, Body: body });
      await deleteStack(await createStack(stackName, `${process.env.AWS_ENDPOINT_URL}/${bucket}/${key}`));
    });
  }
}

/** A stack name as CDK makes it part of ids. */
function nameInIds(stackName: string): string {
  return stackName.replaceAll('-', '');
}

function assetBucket(): string {
  return `cdk-hnb659fds-assets-${process.env.CDK_DEFAULT_ACCOUNT}-${process.env.CDK_DEFAULT_REGION}`;
}
