import { failure, stackOf, TestCloud } from './support';
import type { LocalStack } from '../../../local/cloudformation';
import type { Properties, ResourceDeclaration } from '../../../local/cloudformation/template';

let test: TestCloud;
let stack: LocalStack;
beforeEach(async () => {
  test = await TestCloud.start();
  stack = await test.open(stackOf({}));
});
afterEach(async () => {
  await stack.close();
  await test.stop();
});

const resource = (Type: string, properties: Properties = {}, more: Partial<ResourceDeclaration> = {}): ResourceDeclaration => ({
  Type, Properties: properties, ...more,
});
const update = async (resources: Record<string, ResourceDeclaration>) => stack.deploy(stackOf(resources));
const document = (Action: string, Resource: unknown = '*', more: object = {}) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, ...more }] });

describe('services', () => {
  const resources = (variable: string, service: Properties = {}) => ({
    Task: resource('AWS::ECS::TaskDefinition', {
      Family: 'family',
      NetworkMode: 'awsvpc',
      Cpu: '256',
      Memory: '512',
      ContainerDefinitions: [{ Name: 'web', Image: 'apache/airflow:3.3.2', Environment: [{ Name: 'A', Value: variable }] }],
    }),
    Web: resource('AWS::ECS::Service', { Cluster: 'cluster', TaskDefinition: { Ref: 'Task' }, ...service }),
  });
  const arn = (revision: number) => `arn:aws:ecs:us-east-1:123456789012:task-definition/family:${revision}`;

  it('get another revision of their task definition, whose predecessor then goes', async () => {
    await update(resources('one', { DesiredCount: 2 }));

    await update(resources('two', { DesiredCount: 2 }));

    expect(test.taskDefinitions.map(definition => definition.arn)).toEqual([arn(1), arn(2)]);
    expect(test.serviceUpdates).toEqual([expect.objectContaining({ logicalId: 'Web', arn: test.services[0].arn, taskDefinition: test.taskDefinitions[1], desiredCount: 2 })]);
    expect(test.deleted).toEqual([arn(1)]);
  });

  it('keep their number of tasks where the template says none', async () => {
    await update(resources('one'));

    await update(resources('two'));

    expect(test.services[0].desiredCount).toBe(1);
    expect(test.serviceUpdates[0].desiredCount).toBeUndefined();
  });

  it('go back to the revision before when they do not become steady', async () => {
    await update(resources('one'));
    test.failingUpdates = 1;

    expect(await failure(update(resources('two')))).toBe('Web (AWS::ECS::Service): not steady');

    expect(test.serviceUpdates.map(({ taskDefinition }) => taskDefinition.arn)).toEqual([arn(2), arn(1)]);
    expect(test.deleted).toEqual([arn(2)]);
    await update(resources('three'));
    expect(test.taskDefinitions.at(-1)!.arn).toBe(arn(3));
  });

  it('are deleted', async () => {
    await update({ ...resources('one'), Cluster: resource('AWS::ECS::Cluster') });

    await update({ Cluster: resource('AWS::ECS::Cluster') });

    expect(test.deleted).toEqual([test.services[0].arn, arn(1)]);
  });
});

describe('permissions', () => {
  const allowed = (role: unknown, action: string, at = 'arn:aws:s3:::bucket/key') => {
    const { session } = test.accessKeys.issue(String(role), 'session');
    return test.iam.reasonAgainst(session, { action, resource: at }) === undefined;
  };
  const role = (name: string) => resource('AWS::IAM::Role', { RoleName: name, AssumeRolePolicyDocument: document('sts:AssumeRole', undefined, { Principal: { Service: 'ecs-tasks.amazonaws.com' } }) });
  const roles = { One: role('one'), Other: role('other') };
  const [one, other] = ['one', 'other'].map(name => `arn:aws:iam::123456789012:role/${name}`);

  it.each(['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'])('of %s follow it to other actions and roles, and end with it', async type => {
    const policy = (action: string, roleName: string) => resource(type, { PolicyName: 'p', PolicyDocument: document(action), Roles: [roleName] }, { DependsOn: ['One', 'Other'] });
    await update({ ...roles, Policy: policy('s3:Get*', 'one') });
    expect([allowed(one, 's3:GetObject'), allowed(other, 's3:GetObject')]).toEqual([true, false]);

    await update({ ...roles, Policy: policy('s3:Put*', 'other') });
    expect([allowed(one, 's3:GetObject'), allowed(one, 's3:PutObject'), allowed(other, 's3:PutObject')]).toEqual([false, false, true]);

    await update(roles);
    expect(allowed(other, 's3:PutObject')).toBe(false);
  });

  it('of a bucket policy end with it', async () => {
    const bucket = { Bucket: resource('AWS::S3::Bucket', { BucketName: 'bucket' }) };
    const policy = (action: string) => resource('AWS::S3::BucketPolicy', { Bucket: { Ref: 'Bucket' }, PolicyDocument: document(action, '*', { Principal: { AWS: one } }) });
    await update({ ...bucket, Policy: policy('s3:GetObject') });
    expect(allowed(one, 's3:GetObject')).toBe(true);

    await update({ ...bucket, Policy: policy('s3:PutObject') });
    expect([allowed(one, 's3:GetObject'), allowed(one, 's3:PutObject')]).toEqual([false, true]);

    await update(bucket);
    expect(allowed(one, 's3:PutObject')).toBe(false);
  });
});

describe('security groups', () => {
  const rule = (port: number) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '10.0.0.0/8' });

  it('have the rules of now, and a rule that changes is another one', async () => {
    const resources = (port: number) => ({
      Group: resource('AWS::EC2::SecurityGroup', { GroupDescription: 'x', SecurityGroupIngress: [rule(port)] }),
      Rule: resource('AWS::EC2::SecurityGroupIngress', { GroupId: { Ref: 'Group' }, ...rule(port + 1) }),
    });
    await update(resources(1));
    const before = [...test.rules];

    await update(resources(11));

    expect(test.revoked).toHaveLength(3);
    expect(test.revoked).toEqual(expect.arrayContaining(before));
    expect(test.rules.slice(before.length).map(({ fromPort }) => fromPort).sort()).toEqual([11, 12, undefined]);
    expect(test.events.filter(({ logicalId, status }) => logicalId === 'Rule' && status === 'DELETE_COMPLETE')).toHaveLength(1);
  });
});

describe('secrets', () => {
  const secret = (properties: Properties) => ({ Secret: resource('AWS::SecretsManager::Secret', { Name: 'name', ...properties }), Other: resource('AWS::ECS::Cluster') });

  it('are generated anew for other rules only', async () => {
    await update(secret({ GenerateSecretString: { PasswordLength: 20 } }));
    const value = test.aws.secret('name').SecretString!;

    await update(secret({ GenerateSecretString: { PasswordLength: 20 }, Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(test.aws.secret('name').SecretString).toBe(value);

    await update(secret({ GenerateSecretString: { PasswordLength: 30 } }));
    expect(test.aws.secret('name').SecretString).toHaveLength(30);
  });

  it('are gone with their resource', async () => {
    await update(secret({ SecretString: 'x' }));

    await update({ Other: resource('AWS::ECS::Cluster') });

    expect(test.aws.secrets).toEqual([]);
  });
});

describe('buckets', () => {
  const other = { Other: resource('AWS::ECS::Cluster') };

  it('are deleted when they are empty, else they stay', async () => {
    await update({ ...other, Full: resource('AWS::S3::Bucket', { BucketName: 'full' }), Empty: resource('AWS::S3::Bucket', { BucketName: 'empty' }) });
    test.aws.buckets.get('full')!.set('key', 'content');

    await update(other);

    expect(test.aws.requests.filter(request => request.startsWith('DELETE'))).toEqual(['DELETE /empty/']);
    expect(test.events.find(({ status }) => status === 'DELETE_FAILED')).toMatchObject({ logicalId: 'Full', reason: 'The bucket you tried to delete is not empty' });
  });
});

describe('databases', () => {
  const cluster = (properties: Properties, more: Partial<ResourceDeclaration> = {}) => ({
    Database: resource('AWS::RDS::DBCluster', { Engine: 'aurora-postgresql', EngineVersion: '17.9', MasterUsername: 'me', MasterUserPassword: 'one', ...properties }, more),
    Other: resource('AWS::ECS::Cluster'),
  });

  it('get another password', async () => {
    await update(cluster({}));

    await update(cluster({ MasterUserPassword: 'two', BackupRetentionPeriod: 3 }));

    expect(test.databases.at(-1)).toEqual({ identifier: 'Database', masterPassword: 'two' });
  });

  it('are replaced by another one beside them, and leave a snapshot', async () => {
    await update(cluster({ DatabaseName: 'one' }, { UpdateReplacePolicy: 'Snapshot' }));

    await update(cluster({ DatabaseName: 'two' }, { UpdateReplacePolicy: 'Snapshot' }));

    expect(test.databases.map(({ identifier }) => identifier)).toEqual(['Database', 'Database-2']);
    expect(test.deleted).toEqual([expect.stringMatching(/^Database as test-snapshot-database-[0-9a-f]{12}$/)]);
  });

  it('are not deleted while they are protected', async () => {
    await update(cluster({ DeletionProtection: true }));

    await update({ Other: resource('AWS::ECS::Cluster') });

    expect(test.deleted).toEqual([]);
    expect(test.events.find(({ status }) => status === 'DELETE_FAILED')!.reason).toBe('Cannot delete protected Cluster, please disable deletion protection and try again.');
  });

  it('cannot change everything while they run', async () => {
    await update(cluster({}));

    expect(await failure(update(cluster({ Port: 5433 })))).toBe('Database (AWS::RDS::DBCluster): its "Port" changes, which the local runner cannot do to one that exists');
  });
});

it('a custom resource keeps its function', async () => {
  const thing = (token: string) => ({ Thing: resource('Custom::Thing', { ServiceToken: token }) });
  const source = `exports.handler = e => fetch(e.ResponseURL, { method: 'PUT', body: JSON.stringify({
    Status: 'SUCCESS', PhysicalResourceId: 'id', StackId: e.StackId, RequestId: e.RequestId, LogicalResourceId: e.LogicalResourceId }) });`;
  const lambda = resource('AWS::Lambda::Function', { FunctionName: 'one', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: 'role', Timeout: 20, Code: { ZipFile: source } });
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:one';
  await update({ Function: lambda, Thing: resource('Custom::Thing', { ServiceToken: arn }, { DependsOn: 'Function' }) });

  expect(await failure(update({ Function: lambda, ...thing('arn:aws:lambda:us-east-1:123456789012:function:two') }))).toBe('Thing (Custom::Thing): Modifying service token is not allowed.');
});
