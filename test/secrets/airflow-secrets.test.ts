import { RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AirflowSecret } from '../../src/secrets/airflow-secret';
import { AirflowSecrets, AirflowSecretsProps } from '../../src/secrets/airflow-secrets';
import { PasswordPolicy } from '../../src/secrets/password-policy';
import { newStack } from '../private/stack';

const SECRET = 'AWS::SecretsManager::Secret';

function synthesize(props?: AirflowSecretsProps) {
  const stack = newStack();
  const secrets = new AirflowSecrets(stack, 'Secrets', props);
  return { secrets, secretsById: Template.fromStack(stack).findResources(SECRET) };
}

const PASSWORD = { PasswordLength: 32, ExcludePunctuation: true, IncludeSpace: false };
const LOGIN = { ...PASSWORD, SecretStringTemplate: '{"username":"admin"}', GenerateStringKey: 'password' };

describe('default', () => {
  const { secrets, secretsById } = synthesize();

  test('generates exactly these secrets, under these logical ids', () => {
    expect(Object.fromEntries(Object.entries(secretsById).map(([id, { Properties }]) => [id, Properties.GenerateSecretString]))).toEqual({
      SecretsDatabase1766CB05: PASSWORD,
      SecretsResultDatabase9E40D412: PASSWORD,
      SecretsBroker856ABA1F: PASSWORD,
      SecretsAdmin3D879B6C: LOGIN,
      SecretsFlowerFFFDD2F9: LOGIN,
      SecretsApiSecretKeyD92BCE1D: { ...PASSWORD, PasswordLength: 64 },
      SecretsJwtSecret1DEFB471: { ...PASSWORD, PasswordLength: 64 },
    });
  });

  test('keeps them', () => {
    const policies = Object.values(secretsById).map(({ DeletionPolicy, UpdateReplacePolicy }) => [DeletionPolicy, UpdateReplacePolicy]);

    expect(policies).toEqual(Array(7).fill(['RetainExceptOnCreate', 'Retain']));
  });

  test('describes them and leaves their names to CloudFormation', () => {
    for (const { Properties } of Object.values(secretsById)) {
      expect(Properties.Description).toMatch(/^Airflow: /);
      expect(Properties).not.toHaveProperty('Name');
    }
  });

  test('knows that they are letters and digits', () => {
    const { database, resultDatabase, broker, admin, flower, apiSecretKey, jwtSecret } = secrets;
    const all = [database, resultDatabase, broker, admin, flower, apiSecretKey, jwtSecret];

    expect(all.map(secret => secret!._generated)).toEqual(Array(7).fill(true));
    expect(all.map(secret => secret!.field)).toEqual([undefined, undefined, undefined, 'password', 'password', undefined, undefined]);
  });
});

test('without Flower there is no password for it, and none is made by asking', () => {
  const stack = newStack();
  const secrets = new AirflowSecrets(stack, 'Secrets', { flowerEnabled: false });

  expect(secrets.flower).toBeUndefined();
  Template.fromStack(stack).resourceCountIs(SECRET, 6);
});

test('removal policy and key apply to every secret', () => {
  const stack = newStack();
  new AirflowSecrets(stack, 'Secrets', { removalPolicy: RemovalPolicy.DESTROY, encryptionKey: new kms.Key(stack, 'Key') });

  Template.fromStack(stack).allResources(SECRET, {
    DeletionPolicy: 'Delete',
    Properties: Match.objectLike({ KmsKeyId: { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] } }),
  });
});

describe('password policy', () => {
  const passwordPolicy = new PasswordPolicy({ length: 40 });

  test('applies to every secret; signing keys have at least 64 characters', () => {
    const { secretsById } = synthesize({ passwordPolicy });
    const lengths = Object.values(secretsById).map(({ Properties }) => Properties.GenerateSecretString.PasswordLength);

    expect(lengths.sort()).toEqual([40, 40, 40, 40, 40, 64, 64]);
  });

  test('another one makes new secrets: a value that changes in place would reach nothing that runs', () => {
    const before = Object.keys(synthesize().secretsById);
    const after = Object.keys(synthesize({ passwordPolicy }).secretsById);

    expect(after.filter(id => before.includes(id))).toEqual([]);
  });
});

test.each([
  'database', 'resultDatabase', 'broker', 'admin', 'flower', 'apiSecretKey', 'jwtSecret',
] as const)('%s can be an existing one, then it is not generated', name => {
  const stack = newStack();
  const existing = secretsmanager.Secret.fromSecretNameV2(stack, 'Existing', 'existing');
  const given = AirflowSecret.fromSecretsManager(existing, 'key');

  const secrets = new AirflowSecrets(stack, 'Secrets', { [name]: given });

  expect(secrets[name]).toBe(given);
  expect(secrets[name]!._generated).toBe(false);
  Template.fromStack(stack).resourceCountIs(SECRET, 6);
});

test('a container gets the field of a given secret', () => {
  const stack = newStack();
  const existing = secretsmanager.Secret.fromSecretCompleteArn(
    stack, 'Existing', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:existing-AbCdEf');
  const task = new ecs.FargateTaskDefinition(stack, 'Task');

  task.addContainer('app', {
    image: ecs.ContainerImage.fromRegistry('app'),
    secrets: { PASSWORD: AirflowSecret.fromSecretsManager(existing, 'key')._toEcsSecret() },
  });

  Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [Match.objectLike({
      Secrets: [{ Name: 'PASSWORD', ValueFrom: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:existing-AbCdEf:key::' }],
    })],
  });
});
