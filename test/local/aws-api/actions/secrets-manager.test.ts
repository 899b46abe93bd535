import { actionsOfSecretsManager } from '../../../../local/aws-api/actions/secrets-manager';
import { Iam } from '../../../../local/iam/iam';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:key-abcdef';
const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const iam = new Iam({ partition: 'aws', region: 'eu-west-1', account: '111111111111' });
const actions = (operation: string, input: Record<string, unknown> = { SecretId: SECRET }) =>
  actionsOfSecretsManager(operation, input, iam, 'eu-west-1', async name => name === 'key' ? SECRET : name);
const pairs = async (...parameters: Parameters<typeof actions>) => (await actions(...parameters))?.map(({ action, resource }) => `${action} ${resource}`);

test('a secret is meant by its ARN or its name', async () => {
  expect(await pairs('GetSecretValue')).toEqual([`secretsmanager:GetSecretValue ${SECRET}`]);
  expect(await pairs('DescribeSecret', { SecretId: 'key' })).toEqual([`secretsmanager:DescribeSecret ${SECRET}`]);
});

test('other operations are not known', async () => {
  expect(await pairs('ListSecrets', {})).toBeUndefined();
});

test('the stage can be a condition', async () => {
  expect((await actions('GetSecretValue'))![0].context).toMatchObject({ 'secretsmanager:VersionStage': 'AWSCURRENT', 'secretsmanager:VersionId': undefined });
});

test('a secret with a customer managed key needs the key as well, through Secrets Manager', async () => {
  iam.encrypt(SECRET, KEY);

  expect(await pairs('DescribeSecret')).toEqual([`secretsmanager:DescribeSecret ${SECRET}`]);
  expect(await pairs('PutSecretValue')).toEqual([`secretsmanager:PutSecretValue ${SECRET}`, `kms:Decrypt ${KEY}`, `kms:GenerateDataKey ${KEY}`]);
  expect((await actions('GetSecretValue'))![1]).toEqual({
    action: 'kms:Decrypt', resource: KEY, context: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com', 'kms:EncryptionContext:SecretARN': SECRET },
  });
});
