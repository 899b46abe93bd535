// `integ/with-local-aws ts-node test/mutations/deploy.ts FILE`: deploys the default template, then every mistake, and writes into FILE why each
// deployment failed. Nothing is deleted: the local AWS is thrown away.
import { writeFileSync } from 'node:fs';
import { S3 } from '@aws-sdk/client-s3';
import { App } from 'aws-cdk-lib';
import { MUTATIONS } from './index';
import { mutate } from './layers';
import { deploy } from '../../integ/cycle/cdk';
import { createStack } from '../../integ/cycle/cloudformation';
import { requireLocalAws } from '../../integ/cycle/local-aws';
import { defaultStack } from '../default-template/stack';

/** Deployments mostly wait. */
const AT_ONCE = 4;

async function main(file: string): Promise<void> {
  await requireLocalAws();
  const stack = defaultStack();
  const assembly = (stack.node.root as App).synth();
  await deploy(assembly.directory, stack.stackName); // which also uploads what all of them need

  const { template } = assembly.getStackByName(stack.stackName);
  const s3 = new S3({ forcePathStyle: true });
  const bucket = `cdk-hnb659fds-assets-${process.env.CDK_DEFAULT_ACCOUNT}-${process.env.CDK_DEFAULT_REGION}`;
  const reasons: Record<string, string> = {};
  const queue = [...MUTATIONS.entries()];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, mutation] = next;
      const Key = `mistake-${index}.json`;
      await s3.putObject({ Bucket: bucket, Key, Body: JSON.stringify(mutate(template, mutation)) });
      try {
        await createStack(`mistake-${index}`, `${process.env.AWS_ENDPOINT_URL}/${bucket}/${Key}`);
      } catch (error) {
        reasons[mutation.name] = (error as Error).message;
      }
      process.stderr.write(`deployed ${index + 1} of ${MUTATIONS.length}: ${mutation.name}: ${reasons[mutation.name] ?? 'no failure'}\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  writeFileSync(file, JSON.stringify(reasons));
}

main(process.argv[2]).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
