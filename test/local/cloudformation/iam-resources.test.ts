import { failure, stackOf, TestCloud } from './support';
import type { ResourceDeclaration } from '../../../local/cloudformation/template';

const ACCOUNT = '123456789012';
const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const allow = (action: string, resource: unknown = '*', more: object = {}) => ({ Effect: 'Allow', Action: action, Resource: resource, ...more });
const trust = (service: string) => document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } });

function role(properties: Record<string, unknown> = {}): ResourceDeclaration {
  return { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust('ecs-tasks.amazonaws.com'), ...properties } };
}

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await TestCloud.start();
});
afterEach(() => cloud.stop());

/** Deploys the resources and says which of the actions the role with that logical id may do on a resource. */
async function allowed(resources: Record<string, ResourceDeclaration>, actions: string[], resource = 'arn:aws:s3:::any/thing', outputs = { Role: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } }) {
  const { outputs: { Role } } = await cloud.deploy(stackOf(resources, { template: { Outputs: outputs } }));
  const { session } = cloud.accessKeys.issue(String(Role), 'session');
  return actions.filter(action => cloud.iam.reasonAgainst(session, { action, resource }) === undefined);
}

test('a role has what its own policies, those that name it and the managed ones of the template allow', async () => {
  expect(await allowed({
    Role: role({ Path: '/airflow/', Policies: [{ PolicyName: 'inline', PolicyDocument: document(allow('s3:Inline')) }], ManagedPolicyArns: [{ Ref: 'Managed' }, 'arn:aws:iam::aws:policy/AdministratorAccess'] }),
    Other: role(),
    Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'policy', PolicyDocument: document(allow('s3:Policy')), Roles: [{ Ref: 'Role' }, { Ref: 'Other' }] } },
    RolePolicy: { Type: 'AWS::IAM::RolePolicy', Properties: { PolicyName: 'role-policy', PolicyDocument: document(allow('s3:RolePolicy')), RoleName: { Ref: 'Role' } } },
    OfOther: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'other', PolicyDocument: document(allow('s3:OfOther')), Roles: [{ Ref: 'Other' }] } },
    Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document(allow('s3:Managed')) } },
    Attached: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document(allow('s3:Attached')), Roles: [{ Ref: 'Role' }] } },
  }, ['s3:Inline', 's3:Policy', 's3:RolePolicy', 's3:OfOther', 's3:Managed', 's3:Attached', 's3:Else'])).toEqual(['s3:Inline', 's3:Policy', 's3:RolePolicy', 's3:Managed', 's3:Attached']);
});

test('a bucket\'s, a secret\'s and a key\'s own policies count', async () => {
  const principal = { Principal: { AWS: { 'Fn::GetAtt': ['Role', 'Arn'] } } };
  const resources = {
    Role: role({ Policies: [{ PolicyName: 'all', PolicyDocument: document(allow('kms:*')) }] }),
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'bucket' } },
    BucketPolicy: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: document(allow('s3:GetObject', 'arn:aws:s3:::bucket/*', principal)) } },
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'secret', SecretString: 'x' } },
    SecretPolicy: { Type: 'AWS::SecretsManager::ResourcePolicy', Properties: { SecretId: { Ref: 'Secret' }, ResourcePolicy: document(allow('secretsmanager:GetSecretValue', '*', principal)) } },
    Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: document(allow('kms:Decrypt', '*', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } })) } },
  };
  const actions = ['s3:GetObject', 's3:PutObject', 'secretsmanager:GetSecretValue', 'kms:Decrypt', 'kms:GenerateDataKey'];
  const { outputs: { Secret, Key } } = await cloud.deploy(stackOf(resources, { template: { Outputs: { Secret: { Value: { Ref: 'Secret' } }, Key: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } } } } }));

  expect(await allowed(resources, actions, 'arn:aws:s3:::bucket/a')).toEqual(['s3:GetObject']);
  expect(await allowed(resources, actions, String(Secret))).toContain('secretsmanager:GetSecretValue');
  expect(await allowed(resources, actions, String(Key))).toEqual(['kms:Decrypt']);
});

test.each<[string, object, unknown]>([
  ['ARN', { 'Fn::GetAtt': ['Key', 'Arn'] }, expect.stringMatching(/^arn:aws:kms:us-east-1:123456789012:key\/key-/)],
  ['id', { Ref: 'Key' }, expect.stringMatching(/^arn:aws:kms:us-east-1:123456789012:key\/key-/)],
])('the customer managed key of a bucket and of a secret is known by its %s', async (_, KeyId, expected) => {
  const { outputs: { Secret } } = await cloud.deploy(stackOf({
    Key: { Type: 'AWS::KMS::Key', Properties: {} },
    Bucket: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'bucket', BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KeyId } }] },
      },
    },
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'secret', KmsKeyId: KeyId, SecretString: 'x' } },
  }, { template: { Outputs: { Secret: { Value: { Ref: 'Secret' } } } } }));

  expect([cloud.iam.encryptionKeyOf('arn:aws:s3:::bucket'), cloud.iam.encryptionKeyOf(String(Secret))]).toEqual([expected, expected]);
});

test('keys that AWS manages need no permission', async () => {
  const { outputs: { Secret } } = await cloud.deploy(stackOf({
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'secret', KmsKeyId: 'alias/aws/secretsmanager', SecretString: 'x' } },
  }, { template: { Outputs: { Secret: { Value: { Ref: 'Secret' } } } } }));

  expect(cloud.iam.encryptionKeyOf(String(Secret))).toBeUndefined();
});

test('a malformed policy fails its resource', async () => {
  expect(await failure(cloud.deploy(stackOf({ Role: role(), Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'p', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*' }] }, Roles: [{ Ref: 'Role' }] } } }))))
    .toBe('Policy (AWS::IAM::Policy): statement 1 of policy "p" has neither Resource nor NotResource');
});

test('Lambda must be allowed to assume the role of a function', async () => {
  const fn = { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs22.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: 'exports.handler = () => {}' } } };

  await cloud.deploy(stackOf({ Role: role({ AssumeRolePolicyDocument: trust('lambda.amazonaws.com') }), Function: fn }));
  expect(await failure(cloud.deploy(stackOf({ Role: role(), Function: fn })))).toContain('cannot be assumed by Lambda: its trust policy does not let lambda.amazonaws.com assume it');
});
