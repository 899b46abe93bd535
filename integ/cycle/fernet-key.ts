import { deepStrictEqual, match, strictEqual } from 'node:assert';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { CfnResource, Stack, Tags } from 'aws-cdk-lib';
import { deploy, destroy } from './cdk';
import { resources } from './cloudformation';
import { synthesize } from './subject';
import { ofType, readTemplate } from './template';
import { FernetKey } from '../../src';
import type { Checks } from '../../tools/checks';

const STACK = 'cycle-fernet';
const secretsManager = new SecretsManager({});

/** The life of a Fernet key: generated once, kept by everything that follows. */
export async function keepFernetKey(checks: Checks, folder: string): Promise<void> {
  const synthesizeKey = (name: string, edit: (stack: Stack, key: FernetKey) => void = () => {}) =>
    synthesize(`${folder}/${name}`, STACK, stack => edit(stack, new FernetKey(stack, 'FernetKey')));
  const first = synthesizeKey('fernet');
  const [secret] = ofType(readTemplate(first, STACK), 'AWS::SecretsManager::Secret');

  let arn = '';
  let key = '';
  const valid = await checks.that('deploy: 32 bytes as url-safe base64', async () => {
    await deploy(first, STACK);
    arn = (await resources(STACK)).get(secret)!;
    key = await value(arn);
    match(key, /^[A-Za-z0-9_-]{43}=$/);
    strictEqual(Buffer.from(key, 'base64url').length, 32);
  });
  if (!valid) {
    return;
  }
  const kept = async () => {
    strictEqual(await value(arn) === key, true, 'the key has changed');
    const { Versions } = await secretsManager.listSecretVersionIds({ SecretId: arn, IncludeDeprecated: true });
    deepStrictEqual(Versions!.map(({ VersionStages }) => VersionStages), [['AWSCURRENT']]);
  };
  await checks.that('deploy again: the same key', async () => {
    await deploy(first, STACK);
    await kept();
  });
  await checks.that('change the secret and have the handler run again: the same key, in one version', async () => {
    const changed = synthesizeKey('fernet-changed', (stack, { node }) => {
      Tags.of(stack).add('team', 'data');
      const customResource = node.findAll().find(child => CfnResource.isCfnResource(child) && child.cfnResourceType === 'Custom::FernetKey') as CfnResource;
      customResource.addPropertyOverride('Run', 'again');
    });
    await deploy(changed, STACK);
    await kept();
  });
  await checks.that('destroy: the secret and its key survive', async () => {
    await destroy(first, STACK);
    await kept();
  });
}

async function value(secretArn: string): Promise<string> {
  return (await secretsManager.getSecretValue({ SecretId: secretArn })).SecretString!;
}
