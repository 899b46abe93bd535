import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { FernetKey, FernetKeyProps } from '../../src/fernet-key/fernet-key';
import { newStack } from '../private/stack';

function synthesize(props?: FernetKeyProps) {
  const stack = newStack();
  const fernetKey = new FernetKey(stack, 'FernetKey', props);
  const queue = new sqs.Queue(stack, 'Dependent');
  queue.node.addDependency(fernetKey);
  return { stack, fernetKey, template: Template.fromStack(stack) };
}

const SECRET = { Ref: 'FernetKeySecret43007B2F' };

describe('default', () => {
  const { stack, template, fernetKey } = synthesize();

  test('defines exactly these resources', () => {
    const resources = Object.entries(template.toJSON().Resources as Record<string, { Type: string }>);

    expect(Object.fromEntries(resources.map(([id, { Type }]) => [id, Type]))).toEqual({
      FernetKeySecret43007B2F: 'AWS::SecretsManager::Secret',
      FernetKeyFunctionLogGroupBCA94029: 'AWS::Logs::LogGroup',
      FernetKeyFunctionRole7BDD8A95: 'AWS::IAM::Role',
      FernetKeyFunctionB7DC59D3: 'AWS::Lambda::Function',
      FernetKey0E813584: 'Custom::FernetKey',
      Dependent0216D170: 'AWS::SQS::Queue',
    });
  });

  test('keeps a secret that CloudFormation gives no value', () => {
    template.hasResource('AWS::SecretsManager::Secret', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    const [{ Properties }] = Object.values(template.findResources('AWS::SecretsManager::Secret'));
    expect(Object.keys(Properties)).toEqual(['Description']);
  });

  test('lets the function describe and put this one secret, write its log, and nothing else', () => {
    const [{ Properties }] = Object.values(template.findResources('AWS::IAM::Role'));

    expect(Properties.ManagedPolicyArns).toBeUndefined();
    expect(Properties.Policies.flatMap((policy: any) => policy.PolicyDocument.Statement)).toEqual([
      { Effect: 'Allow', Action: ['secretsmanager:DescribeSecret', 'secretsmanager:PutSecretValue'], Resource: SECRET },
      { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': ['FernetKeyFunctionLogGroupBCA94029', 'Arn'] } },
    ]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('gives the secret to the handler, and five minutes to answer', () => {
    const [{ Properties }] = Object.values(template.findResources('Custom::FernetKey'));

    expect(Properties).toEqual({
      ServiceToken: { 'Fn::GetAtt': ['FernetKeyFunctionB7DC59D3', 'Arn'] },
      ServiceTimeout: '300',
      SecretArn: SECRET,
    });
  });

  test('runs the bundled handler on the newest Node.js runtime, with a log that is kept for a month', () => {
    const [{ Properties }] = Object.values(template.findResources('AWS::Lambda::Function'));

    expect(Properties).toMatchObject({ Handler: 'index.handler', Timeout: 60, LoggingConfig: { LogGroup: { Ref: 'FernetKeyFunctionLogGroupBCA94029' } } });
    expect(Properties.Runtime).toBe(stack.resolve(lambda.determineLatestNodeRuntime(stack).name));
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('what depends on it waits for the key', () => {
    template.hasResource('AWS::SQS::Queue', { DependsOn: ['FernetKey0E813584'] });
  });

  test('is the whole secret, and is not taken for letters and digits', () => {
    expect(fernetKey.key.field).toBeUndefined();
    expect(fernetKey.key._generated).toBe(false);
  });
});

test('a key encrypts the secret, and the function may use it through Secrets Manager', () => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  new FernetKey(stack, 'FernetKey', { encryptionKey });

  const template = Template.fromStack(stack);
  const keyArn = { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] };
  template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: keyArn });
  const [{ Properties }] = Object.values(template.findResources('AWS::IAM::Role'));
  expect(Properties.Policies[0].PolicyDocument.Statement[1]).toEqual({
    Effect: 'Allow',
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: keyArn,
    Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } },
  });
});

test('the removal policy can be changed', () => {
  const { template } = synthesize({ removalPolicy: RemovalPolicy.DESTROY });

  template.hasResource('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
  template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
});

test('an existing key is used as it is', () => {
  const stack = newStack();
  const secret = secretsmanager.Secret.fromSecretNameV2(stack, 'Existing', 'existing');

  const fernetKey = FernetKey.fromSecret(stack, 'FernetKey', secret, 'FernetKey');

  expect(fernetKey.key.secret).toBe(secret);
  expect(fernetKey.key.field).toBe('FernetKey');
  expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
});

test('what depends on an existing key waits for its secret, if that is in the same app', () => {
  const stack = newStack();
  const secret = new secretsmanager.Secret(stack, 'Own');
  new sqs.Queue(stack, 'Dependent').node.addDependency(FernetKey.fromSecret(stack, 'FernetKey', secret));

  Template.fromStack(stack).hasResource('AWS::SQS::Queue', { DependsOn: [stack.getLogicalId(secret.node.defaultChild as secretsmanager.CfnSecret)] });
});
