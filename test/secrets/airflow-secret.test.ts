import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AirflowSecret } from '../../src/secrets/airflow-secret';
import { newStack } from '../private/stack';

const READ = 'secretsmanager:GetSecretValue';
const VIA_SECRETS_MANAGER = {
  StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } },
};

/** What the execution role of a container with this secret may do. */
function statements(stack: Stack, secret: secretsmanager.ISecret) {
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('container', {
    image: ecs.ContainerImage.fromRegistry('image'),
    secrets: { PASSWORD: AirflowSecret.fromSecretsManager(secret, 'password')._toEcsSecret() },
  });
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

describe('execution role of a container', () => {
  test('may read the secret', () => {
    const stack = newStack();
    const secret = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:name-123456');

    expect(statements(stack, secret)).toEqual([{ Effect: 'Allow', Action: READ, Resource: secret.secretArn }]);
  });

  test('may use the key of another app, whose policy cannot be changed', () => {
    const stack = newStack();
    const secret = secretsmanager.Secret.fromSecretAttributes(stack, 'Secret', {
      secretCompleteArn: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:name-123456',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/name'),
    });

    expect(statements(stack, secret)).toEqual([
      { Effect: 'Allow', Action: READ, Resource: secret.secretArn },
      { Effect: 'Allow', Action: 'kms:Decrypt', Resource: 'arn:aws:kms:eu-west-1:111111111111:key/name', Condition: VIA_SECRETS_MANAGER },
    ]);
  });

  test('may use the key of another stack, which does not have to know the role', () => {
    const app = new App();
    const owner = new Stack(app, 'Owner');
    const secret = new secretsmanager.Secret(owner, 'Secret', { encryptionKey: new kms.Key(owner, 'Key') });
    const stack = new Stack(app, 'Stack');

    expect(statements(stack, secret).map(({ Action }) => Action)).toEqual([READ, 'kms:Decrypt']);
    expect(owner.dependencies).toEqual([]);
  });
});
