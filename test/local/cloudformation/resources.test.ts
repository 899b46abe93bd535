import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AdmZip from 'adm-zip';
import { failure, stackOf, TestCloud } from './support';
import type { Properties, ResourceDeclaration } from '../../../local/cloudformation/template';

let test: TestCloud;
beforeEach(async () => {
  test = await TestCloud.start();
});
afterEach(() => test.stop());

const resource = (Type: string, properties: Properties = {}): ResourceDeclaration => ({ Type, Properties: properties });

describe('AWS::SecretsManager::Secret', () => {
  const generated = resource('AWS::SecretsManager::Secret', { GenerateSecretString: { PasswordLength: 20, ExcludePunctuation: true } });
  const outputs = { template: { Outputs: { Arn: { Value: { Ref: 'Password' } } } } };

  it('is generated once; ARN and value stay the same', async () => {
    const first = await test.deploy(stackOf({ Password: generated }, outputs));
    const value = test.aws.secret('Password').SecretString;

    const second = await test.deploy(stackOf({ Password: generated }, outputs));

    expect(value).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(test.aws.secrets).toEqual([{ ARN: first.outputs.Arn, Name: expect.stringMatching(/^Test-Password-[0-9A-F]{12}$/), SecretString: value }]);
    expect(second.outputs).toEqual(first.outputs);
  });

  it('keeps its value under its own ARN when it was restored under another one', async () => {
    const { outputs: { Arn } } = await test.deploy(stackOf({ Password: generated }, outputs));
    const value = test.aws.secret('Password').SecretString;
    test.aws.secret('Password').ARN = String(Arn).replace(/-\w{6}$/, '-ZZZZZZ');

    await test.deploy(stackOf({ Password: generated }, outputs));

    expect(test.aws.secrets).toMatchObject([{ ARN: Arn, SecretString: value }]);
  });

  it('has no value without SecretString and GenerateSecretString', async () => {
    await test.deploy(stackOf({ Fernet: resource('AWS::SecretsManager::Secret') }));

    expect(test.aws.secret('Fernet').SecretString).toBeUndefined();
  });

  it('has the template\'s SecretString, also a changed one', async () => {
    await test.deploy(stackOf({ Given: resource('AWS::SecretsManager::Secret', { Name: 'mine', SecretString: 'one' }) }));
    await test.deploy(stackOf({ Given: resource('AWS::SecretsManager::Secret', { Name: 'mine', SecretString: 'two' }) }));

    expect(test.aws.secrets).toMatchObject([{ Name: 'mine', SecretString: 'two' }]);
  });
});

describe('AWS::RDS', () => {
  const master = { MasterUsername: 'admin', MasterUserPassword: { 'Fn::Sub': '{{resolve:secretsmanager:${Secret}:SecretString:password::}}' } };
  const secret = resource('AWS::SecretsManager::Secret', { GenerateSecretString: { SecretStringTemplate: '{"username":"admin"}', GenerateStringKey: 'password' } });
  const parameterGroup = resource('AWS::RDS::DBClusterParameterGroup', { Parameters: { 'rds.force_ssl': 1 } });
  const cluster = resource('AWS::RDS::DBCluster', {
    Engine: 'aurora-postgresql', EngineVersion: '17.9', DatabaseName: 'airflow', ...master, DBClusterParameterGroupName: { Ref: 'Parameters' },
  });
  const outputs = (logicalId: string) => ({
    template: {
      Outputs: {
        Address: { Value: { 'Fn::GetAtt': [logicalId, 'Endpoint.Address'] } }, Port: { Value: { 'Fn::GetAtt': [logicalId, 'Endpoint.Port'] } },
      },
    },
  });

  it('a cluster is a database with its parameters and its generated master user; its instance has the same address', async () => {
    const writer = resource('AWS::RDS::DBInstance', { DBClusterIdentifier: { Ref: 'Cluster' } });

    const { outputs: { Address, Port } } = await test.deploy(stackOf({ Secret: secret, Parameters: parameterGroup, Cluster: cluster, Writer: writer }, outputs('Writer')));

    expect(test.databases).toEqual([{
      identifier: 'Cluster', engineVersion: '17.9', masterUsername: 'admin', masterPassword: expect.any(String), port: 5432, databaseName: 'airflow', parameters: { 'rds.force_ssl': '1' }, securityGroups: ['sg-default'],
    }]);
    expect(test.databases[0].masterPassword).toBe((JSON.parse(test.aws.secret('Secret').SecretString!) as Record<string, string>).password);
    expect([Address, Port]).toEqual(['cluster.example', '5432']);
  });

  it('an instance alone is a database', async () => {
    const alone = resource('AWS::RDS::DBInstance', { Engine: 'postgres', EngineVersion: '17.9', MasterUsername: 'admin', MasterUserPassword: 'secret', Port: '5433' });

    expect((await test.deploy(stackOf({ Alone: alone }, outputs('Alone')))).outputs).toEqual({ Address: 'alone.example', Port: '5433' });
  });

  it('an attachment adds the database to the secret, once', async () => {
    const attachment = resource('AWS::SecretsManager::SecretTargetAttachment', { SecretId: { Ref: 'Secret' }, TargetId: { Ref: 'Cluster' }, TargetType: 'AWS::RDS::DBCluster' });
    const stack = stackOf({ Secret: secret, Parameters: parameterGroup, Cluster: cluster, Attachment: attachment }, { template: { Outputs: { Secret: { Value: { Ref: 'Attachment' } } } } });

    const deployment = await test.deploy(stack);
    await test.deploy(stack);

    expect(deployment.outputs.Secret).toBe(test.aws.secret('Secret').ARN);
    expect(JSON.parse(test.aws.secret('Secret').SecretString!)).toEqual({
      username: 'admin', password: test.databases[0].masterPassword, engine: 'postgres', host: 'cluster.example', port: 5432, dbname: 'airflow', dbClusterIdentifier: expect.stringMatching(/^test-cluster-/),
    });
    expect(test.aws.requests.filter(request => request === 'PutSecretValue')).toHaveLength(1);
  });

  it.each<[Properties, string]>([
    [{ Engine: 'aurora-mysql' }, 'its Engine is "aurora-mysql"; the local runner has aurora-postgresql'],
    [{ SnapshotIdentifier: 'x' }, '"SnapshotIdentifier" cannot be realised locally'],
    [{ MasterUsername: { Ref: 'AWS::NoValue' } }, 'it needs "MasterUsername"'],
    [{ DBClusterParameterGroupName: 'absent' }, 'its parameter group "absent" is not in this template'],
  ])('fails for %j', async (properties, message) => {
    const broken = { ...cluster, Properties: { ...cluster.Properties, ...properties } };

    expect(await failure(test.deploy(stackOf({ Secret: secret, Parameters: parameterGroup, Cluster: broken })))).toBe(`Cluster (AWS::RDS::DBCluster): ${message}${message.includes('Snapshot') ? '; leave it out to run this template locally' : ''}`);
  });
});

describe('AWS::ECS', () => {
  const taskDefinition = (name: string) => resource('AWS::ECS::TaskDefinition', {
    NetworkMode: 'awsvpc',
    Cpu: '256',
    Memory: '512',
    ContainerDefinitions: [{ Name: 'sidecar', Image: 'x', Essential: false }, { Name: name, Image: 'apache/airflow:3.3.2' }],
  });
  const namespace = resource('AWS::ServiceDiscovery::PrivateDnsNamespace', { Name: 'airflow' });
  const cloudMap = resource('AWS::ServiceDiscovery::Service', { Name: 'webserver', DnsConfig: { NamespaceId: { Ref: 'Namespace' }, DnsRecords: [{ Type: 'A', TTL: 10 }] } });
  const service = (properties: Properties = {}) => resource('AWS::ECS::Service', { Cluster: { Ref: 'Cluster' }, TaskDefinition: { Ref: 'Task' }, ...properties });
  const resources = { Cluster: resource('AWS::ECS::Cluster'), Task: taskDefinition('web-server'), Namespace: namespace, Names: cloudMap };

  it('registers task definitions and makes services with their private names', async () => {
    const DeploymentConfiguration = { MinimumHealthyPercent: 0, MaximumPercent: 100, DeploymentCircuitBreaker: { Enable: true, Rollback: true } };
    await test.deploy(stackOf({
      ...resources, Web: service({ DesiredCount: 2, DeploymentConfiguration, ServiceRegistries: [{ RegistryArn: { 'Fn::GetAtt': ['Names', 'Arn'] } }] }), Other: service(),
    }));

    expect(test.taskDefinitions.map(({ containers }) => containers.map(({ name }) => name))).toEqual([['sidecar', 'web-server']]);
    expect(test.services.sort((one, other) => one.name.length - other.name.length)).toEqual([
      {
        arn: expect.stringMatching(/^arn:aws:ecs:us-east-1:123456789012:service\/Test-Cluster-[0-9A-F]{12}\/Test-Web-[0-9A-F]{12}$/),
        logicalId: 'Web',
        name: 'web-server',
        taskDefinition: test.taskDefinitions[0],
        desiredCount: 2,
        deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100, deploymentCircuitBreaker: { enable: true, rollback: true } },
        privateNames: ['webserver.airflow'],
        securityGroups: ['sg-default'],
      },
      expect.objectContaining({
        logicalId: 'Other',
        name: 'web-server-2',
        desiredCount: 1,
        deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200, deploymentCircuitBreaker: { enable: false, rollback: false } },
        privateNames: [],
      }),
    ]);
  });

  it.each<[Properties, string]>([
    [{ ServiceConnectConfiguration: { Enabled: true } }, 'service "Web" uses "ServiceConnectConfiguration"'],
    [{ LaunchType: 'EC2' }, 'its LaunchType is "EC2"; only FARGATE can be run locally'],
    [{ SchedulingStrategy: 'DAEMON' }, 'its SchedulingStrategy is "DAEMON"; only REPLICA'],
    [{ DeploymentController: { Type: 'CODE_DEPLOY' } }, 'its Type is "CODE_DEPLOY"; only ECS'],
    [{ TaskDefinition: 'other:1' }, 'its TaskDefinition "other:1" is not in this template'],
    [{ ServiceRegistries: [{ RegistryArn: 'arn' }] }, 'its service registry "arn" is not a Cloud Map service of this template'],
    [{ DeploymentConfiguration: { Alarms: { Enable: true } } }, 'DeploymentConfiguration of service "Web" uses "Alarms"'],
    [{ DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } }, 'its Strategy is "BLUE_GREEN"; only ROLLING'],
    [{ Colour: 'red' }, 'service "Web" has the property "Colour", which the local runner does not know'],
  ])('fails for a service with %j', async (properties, message) => {
    expect(await failure(test.deploy(stackOf({ ...resources, Web: service(properties) })))).toContain(message);
  });

  it('fails for a Cloud Map service with other records than A', async () => {
    const srv = resource('AWS::ServiceDiscovery::Service', { DnsConfig: { NamespaceId: { Ref: 'Namespace' }, DnsRecords: [{ Type: 'SRV' }] } });

    expect(await failure(test.deploy(stackOf({ Namespace: namespace, Names: srv })))).toContain('its DNS records have type SRV; only A can be realised locally');
  });
});

describe('AWS::S3::Bucket and Custom::CDKBucketDeployment', () => {
  const deployment = (properties: Properties = {}) => resource('Custom::CDKBucketDeployment', {
    ServiceToken: 'python', SourceBucketNames: ['assets', 'assets'], SourceObjectKeys: ['folder.zip', 'file.zip'], DestinationBucketName: { Ref: 'Bucket' }, DestinationBucketKeyPrefix: 'dags/main', ...properties,
  });

  function assets() {
    mkdirSync(join(test.folder, 'asset.folder/sub'), { recursive: true });
    writeFileSync(join(test.folder, 'asset.folder/a.py'), 'a');
    writeFileSync(join(test.folder, 'asset.folder/sub/b.py'), 'b');
    const zip = new AdmZip();
    zip.addFile('c.py', Buffer.from('c'));
    zip.writeZip(join(test.folder, 'file.zip'));
    return new Map([
      ['folder.zip', { path: join(test.folder, 'asset.folder'), packaging: 'zip' as const }],
      ['file.zip', { path: join(test.folder, 'file.zip'), packaging: 'file' as const }],
    ]);
  }

  const bucket = () => [...test.aws.buckets.values()][0];
  const stack = (properties?: Properties) => stackOf({ Bucket: resource('AWS::S3::Bucket'), Deployment: deployment(properties) }, { assets: assets() });

  it('copies the assets below the prefix, removes what is not in them, and leaves other objects alone', async () => {
    await test.deploy(stackOf({ Bucket: resource('AWS::S3::Bucket') }));
    bucket().set('dags/main/old.py', 'old').set('dags/mainly/other.py', 'other');

    await test.deploy(stack());

    expect([...test.aws.buckets.keys()]).toEqual([expect.stringMatching(/^test-bucket-[0-9a-f]{12}$/)]);
    expect(Object.fromEntries(bucket())).toEqual({ 'dags/main/a.py': 'a', 'dags/main/sub/b.py': 'b', 'dags/main/c.py': 'c', 'dags/mainly/other.py': 'other' });
  });

  it('writes unchanged objects only once', async () => {
    await test.deploy(stack());
    test.aws.requests.length = 0;

    await test.deploy(stack());

    expect(test.aws.requests.filter(request => request.startsWith('PUT'))).toEqual([]);
  });

  it('does not remove anything without Prune, and does not unpack without Extract', async () => {
    await test.deploy(stackOf({ Bucket: resource('AWS::S3::Bucket') }));
    bucket().set('dags/main/old.py', 'old');

    await test.deploy(stack({ Prune: false, Extract: 'false', SourceObjectKeys: ['file.zip'] }));

    expect([...bucket().keys()]).toEqual(['dags/main/old.py', 'dags/main/file.zip']);
  });

  it('tells where the files of a DAG folder are', async () => {
    const { dagDirectories } = await test.deploy({ ...stack(), dagDirectories: [{ bucketDeployment: 'Deployment', directory: '/dags', exclude: ['*.pyc'] }] });

    expect(dagDirectories).toEqual([{ directory: '/dags', exclude: ['*.pyc'], bucket: [...test.aws.buckets.keys()][0], prefix: 'dags/main' }]);
  });

  it.each<[Properties, string]>([
    [{ SourceMarkers: [{}, { '<<marker>>': 'value' }] }, 'bucket deployment "Deployment" uses "SourceMarkers"'],
    [{ Exclude: ['*.txt'] }, 'bucket deployment "Deployment" uses "Exclude"'],
    [{ SourceObjectKeys: ['absent.zip'] }, 'its source "absent.zip" is not an asset of this cloud assembly; synthesize the app again'],
  ])('fails for %j', async (properties, message) => {
    expect(await failure(test.deploy(stack(properties)))).toContain(message);
  });
});
