import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand, ListExportsCommand } from '@aws-sdk/client-cloudformation';
import { App, CfnOutput, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { FernetKey } from '../../../src';
import { LocalAccount, type Ran } from '../../../tools/local-account';
import { scratchFolder } from '../scratch-folder';

const folder = scratchFolder();
const assembly = join(folder, 'cdk.out');
let account: LocalAccount;

/** A key that its custom resource writes, and a stack that reads what it exports. */
function synthesize(Value: string, { terminationProtection, ...properties }: { terminationProtection?: boolean; Policies?: string } = {}): void {
  const app = new App({ outdir: assembly, analyticsReporting: false });
  const keys = new Stack(app, 'keys', { terminationProtection });
  const { key } = new FernetKey(keys, 'FernetKey', { removalPolicy: RemovalPolicy.DESTROY });
  new CfnResource(keys, 'Note', { type: 'AWS::SSM::Parameter', properties: { Type: 'String', Value, ...properties } });
  const user = new Stack(app, 'user');
  new CfnOutput(user, 'KeyArn', { value: key.secret.secretArn });
  new CfnResource(user, 'Note', { type: 'AWS::SSM::Parameter', properties: { Type: 'String', Value: key.secret.secretArn } });
  app.synth();
}

async function cdk(command: string, ...args: string[]): Promise<Ran> {
  return account.cdk(command, '--app', assembly, ...args);
}

const deploy = async (...args: string[]) => cdk('deploy', '--require-approval', 'never', ...args);
const succeeded = ({ code, output }: Ran) => expect(code === 0 ? '' : output).toBe('');

function client(): CloudFormationClient {
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = account.variables;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };
  return new CloudFormationClient({ endpoint: AWS_ENDPOINT_URL, region: AWS_REGION, credentials });
}

async function statusOf(stack: string): Promise<string> {
  const { Stacks } = await client().send(new DescribeStacksCommand({ StackName: stack }));
  return Stacks![0].StackStatus!;
}

beforeAll(async () => {
  account = await LocalAccount.start(join(folder, 'state'));
  synthesize('first');
});
afterAll(async () => account.stop());

test('the CDK command line bootstraps, deploys, shows differences, changes, rolls back and destroys; a restart of the engine keeps the stacks', async () => {
  succeeded(await account.cdk('bootstrap', 'aws://123456789012/us-east-1'));
  succeeded(await deploy('--all'));
  expect([await statusOf('keys'), await statusOf('user')]).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE']);
  expect((await deploy('--all')).output.match(/\(no changes\)/g)).toHaveLength(2);

  synthesize('second');
  expect((await cdk('diff', 'keys', '--fail')).code).toBe(1);
  succeeded(await deploy('keys'));
  expect(await statusOf('keys')).toBe('UPDATE_COMPLETE');

  await account.stop();
  account = await LocalAccount.start(join(folder, 'state'));
  expect([await statusOf('keys'), await statusOf('user')]).toEqual(['UPDATE_COMPLETE', 'CREATE_COMPLETE']);
  expect((await deploy('--all')).output.match(/\(no changes\)/g)).toHaveLength(2);

  synthesize('third', { Policies: '[]' });
  const failed = await deploy('keys');
  expect([failed.code, failed.output]).toEqual([1, expect.stringContaining('its "Policies" changes, which the local runner cannot do')]);
  expect(await statusOf('keys')).toBe('UPDATE_ROLLBACK_COMPLETE');

  const refused = await cdk('destroy', 'keys', '--exclusively', '--force');
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('as it is in use by user')]);
  const { Exports } = await client().send(new ListExportsCommand({}));
  expect(Exports!.map(({ Name }) => Name!.split(':')[0])).toEqual(['CdkBootstrap-hnb659fds-FileAssetKeyArn', 'keys']);
  succeeded(await cdk('destroy', '--all', '--force'));
  expect((await client().send(new DescribeStacksCommand({}))).Stacks!.map(({ StackName }) => StackName)).toEqual(['CDKToolkit']);
});

test('protection from termination is realised', async () => {
  synthesize('first', { terminationProtection: true });
  succeeded(await deploy('keys'));

  const refused = await cdk('destroy', 'keys', '--exclusively', '--force');
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('Stack [keys] cannot be deleted while TerminationProtection is enabled')]);
});
