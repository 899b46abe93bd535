import { Duration, RemovalPolicies, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AirflowDatabase, AirflowDatabaseProps } from '../../src/database/airflow-database';
import { newStack } from '../private/stack';

const CLUSTER = 'AWS::RDS::DBCluster';
const INSTANCE = 'AWS::RDS::DBInstance';

let stack: Stack;
let vpc: ec2.Vpc;

beforeEach(() => {
  stack = newStack();
  vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
});

function synthesize(props: Partial<AirflowDatabaseProps> = {}): Template {
  new AirflowDatabase(stack, 'Database', { vpc, ...props });
  return Template.fromStack(stack);
}

describe('default', () => {
  test('is encrypted, protected Aurora PostgreSQL 17, of any minor version, with exactly these properties', () => {
    const clusters = synthesize().findResources(CLUSTER);

    expect(clusters).toEqual({
      DatabaseCluster5B53A178: {
        Type: CLUSTER,
        DeletionPolicy: 'Snapshot',
        UpdateReplacePolicy: 'Snapshot',
        Properties: {
          Engine: 'aurora-postgresql',
          EngineVersion: '17',
          Port: 5432,
          MasterUsername: 'airflow_admin',
          MasterUserPassword: {
            'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'DatabaseMasterSecretC5C2A01F' }, ':SecretString:password::}}']],
          },
          ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
          StorageEncrypted: true,
          EnableIAMDatabaseAuthentication: true,
          EnableCloudwatchLogsExports: ['postgresql'],
          BackupRetentionPeriod: 7,
          CopyTagsToSnapshot: true,
          DeletionProtection: true,
          DBClusterParameterGroupName: { Ref: 'DatabaseParametersB8AC9B07' },
          DBSubnetGroupName: { Ref: 'DatabaseClusterSubnets5540150D' },
          VpcSecurityGroupIds: [{ 'Fn::GetAtt': ['DatabaseSecurityGroup5C91FDCB', 'GroupId'] }],
        },
      },
    });
  });

  test('has one private serverless writer', () => {
    const template = synthesize();

    template.resourceCountIs(INSTANCE, 1);
    template.hasResourceProperties(INSTANCE, {
      DBInstanceClass: 'db.serverless',
      Engine: 'aurora-postgresql',
      PubliclyAccessible: false,
    });
  });

  test('is placed in the private subnets', () => {
    synthesize().hasResourceProperties('AWS::RDS::DBSubnetGroup', {
      SubnetIds: vpc.privateSubnets.map(subnet => stack.resolve(subnet.subnetId)),
    });
  });

  test('enforces TLS and ends dead connections', () => {
    synthesize().hasResourceProperties('AWS::RDS::DBClusterParameterGroup', {
      Family: 'aurora-postgresql17',
      Parameters: {
        'rds.force_ssl': '1',
        'tcp_keepalives_idle': '60',
        'tcp_keepalives_interval': '10',
        'tcp_keepalives_count': '3',
        'idle_in_transaction_session_timeout': '300000',
      },
    });
  });

  test('has a generated master password of letters and digits', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        PasswordLength: 32,
        ExcludePunctuation: true,
        IncludeSpace: false,
        SecretStringTemplate: '{"username":"airflow_admin"}',
        GenerateStringKey: 'password',
      },
    });
    template.hasResourceProperties('AWS::SecretsManager::SecretTargetAttachment', { TargetType: 'AWS::RDS::DBCluster' });
  });

  test('nobody can connect, and it connects to nobody', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Airflow: database',
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '255.255.255.255/32' })],
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });
});

test('who is allowed connects to port 5432', () => {
  const database = new AirflowDatabase(stack, 'Database', { vpc });
  const client = new ec2.SecurityGroup(stack, 'Client', { vpc });

  database.connections.allowDefaultPortFrom(client, 'client to database');

  expect(database.port).toBe(5432);
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    FromPort: 5432,
    ToPort: 5432,
    IpProtocol: 'tcp',
    Description: 'client to database',
  });
});

test('what depends on it waits for the writer, not for the cluster alone', () => {
  const database = new AirflowDatabase(stack, 'Database', { vpc });
  const queue = new sqs.Queue(stack, 'Dependent');
  queue.node.addDependency(database);

  const template = Template.fromStack(stack);
  const [{ DependsOn: dependencies }] = Object.values(template.findResources('AWS::SQS::Queue'));
  const types = dependencies.map((id: string) => template.toJSON().Resources[id].Type);
  expect(types.sort()).toEqual([CLUSTER, INSTANCE, 'AWS::RDS::DBSubnetGroup']);
});

describe('deletion protection', () => {
  const protection = (template: Template) =>
    Object.values(template.findResources(CLUSTER)).map(({ DeletionPolicy, Properties }) => [DeletionPolicy, Properties.DeletionProtection]);

  test.each([
    [undefined, 'Snapshot', true],
    [RemovalPolicy.SNAPSHOT, 'Snapshot', true],
    [RemovalPolicy.RETAIN, 'Retain', true],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', true],
    [RemovalPolicy.DESTROY, 'Delete', false],
  ])('follows removalPolicy %s', (removalPolicy, policy, isProtected) => {
    expect(protection(synthesize({ removalPolicy }))).toEqual([[policy, isProtected]]);
  });

  test('follows aspects, which come later', () => {
    RemovalPolicies.of(stack).destroy();
    expect(protection(synthesize())).toEqual([['Delete', false]]);
  });

  test('follows aspects that keep', () => {
    RemovalPolicies.of(stack).retain();
    expect(protection(synthesize({ removalPolicy: RemovalPolicy.DESTROY }))).toEqual([['Retain', true]]);
  });

  test('is what is said, whatever follows', () => {
    RemovalPolicies.of(stack).destroy();
    expect(protection(synthesize({ deletionProtection: true }))).toEqual([['Delete', true]]);
  });
});

test('every setting can be changed', () => {
  const encryptionKey = new kms.Key(stack, 'Key');
  const template = synthesize({
    encryptionKey,
    minCapacity: 1,
    maxCapacity: 16,
    backupRetention: Duration.days(35),
    deletionProtection: false,
    removalPolicy: RemovalPolicy.DESTROY,
  });

  const keyArn = stack.resolve(encryptionKey.keyArn);
  template.hasResource(CLUSTER, {
    DeletionPolicy: 'Delete',
    Properties: Match.objectLike({
      KmsKeyId: keyArn,
      ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 16 },
      BackupRetentionPeriod: 35,
      DeletionProtection: false,
    }),
  });
  template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: keyArn });
});

describe('capacity', () => {
  test.each([[0, 1], [0.5, 1.5], [256, 256]])('%d to %d units are allowed', (minCapacity, maxCapacity) => {
    synthesize({ minCapacity, maxCapacity }).hasResourceProperties(CLUSTER, {
      ServerlessV2ScalingConfiguration: { MinCapacity: minCapacity, MaxCapacity: maxCapacity },
    });
  });

  test.each([-1, 0.3, 256.5])('fails with minCapacity %d', minCapacity => {
    expect(() => synthesize({ minCapacity, maxCapacity: 256 })).toThrow(
      `minCapacity must be 0 to 256 Aurora capacity units in steps of 0.5, got ${minCapacity}`);
  });

  test.each([0.5, 1.2, 300])('fails with maxCapacity %d', maxCapacity => {
    expect(() => synthesize({ minCapacity: 0, maxCapacity })).toThrow(
      `maxCapacity must be 1 to 256 Aurora capacity units in steps of 0.5, got ${maxCapacity}`);
  });

  test('fails with minCapacity above maxCapacity', () => {
    expect(() => synthesize({ minCapacity: 8 })).toThrow(
      'property minCapacity must not be greater than maxCapacity (4), got 8: lower minCapacity or raise maxCapacity');
  });

  test('tokens pass', () => {
    const minCapacity = Token.asNumber({ Ref: 'Min' });
    const maxCapacity = Token.asNumber({ Ref: 'Max' });

    synthesize({ minCapacity, maxCapacity }).hasResourceProperties(CLUSTER, {
      ServerlessV2ScalingConfiguration: { MinCapacity: { Ref: 'Min' }, MaxCapacity: { Ref: 'Max' } },
    });
  });
});

describe('backup retention', () => {
  test.each([Duration.days(0), Duration.days(36)])('fails with %s', backupRetention => {
    expect(() => synthesize({ backupRetention })).toThrow(`backupRetention must be 1 to 35 days, got ${backupRetention.toDays()} days`);
  });

  test('fails with a part of a day', () => {
    expect(() => synthesize({ backupRetention: Duration.hours(36) })).toThrow('backupRetention must be whole days, got 1.5 days');
  });

  test('a token passes', () => {
    synthesize({ backupRetention: Duration.days(Token.asNumber({ Ref: 'Days' })) })
      .hasResourceProperties(CLUSTER, { BackupRetentionPeriod: { Ref: 'Days' } });
  });
});

describe('readers', () => {
  test('are private, as large as the writer, and waited for', () => {
    const database = new AirflowDatabase(stack, 'Database', { vpc, readers: 2 });
    new sqs.Queue(stack, 'Dependent').node.addDependency(database);

    const template = Template.fromStack(stack);
    const instances = template.findResources(INSTANCE);
    const [{ DependsOn: dependencies }] = Object.values(template.findResources('AWS::SQS::Queue'));
    expect(Object.values(instances).map(({ Properties }) => [Properties.PubliclyAccessible, Properties.PromotionTier]))
      .toEqual([[false, 0], [false, 1], [false, 1]]);
    expect(dependencies).toEqual(expect.arrayContaining(Object.keys(instances)));
  });

  test.each([-1, 1.5, 16])('fails with %d', readers => {
    expect(() => synthesize({ readers })).toThrow(`readers must be a whole number from 0 to 15, got ${readers}`);
  });

  test('fails with a token', () => {
    expect(() => synthesize({ readers: Token.asNumber({ Ref: 'Readers' }) }))
      .toThrow('readers must be known at synthesis, got a token: it decides how many resources there are');
  });
});

describe('monitoring', () => {
  test('records metrics of every instance', () => {
    const template = synthesize({ readers: 1, monitoringInterval: Duration.seconds(15) });

    template.allResourcesProperties(INSTANCE, { MonitoringInterval: 15, MonitoringRoleArn: Match.anyValue() });
  });

  test.each([0, 2, 120])('fails with %d seconds', seconds => {
    expect(() => synthesize({ monitoringInterval: Duration.seconds(seconds) }))
      .toThrow(`monitoringInterval must be one of 1, 5, 10, 15, 30, 60 seconds, got ${seconds} seconds`);
  });

  test('a token passes', () => {
    synthesize({ monitoringInterval: Duration.seconds(Token.asNumber({ Ref: 'Seconds' })) })
      .hasResourceProperties(INSTANCE, { MonitoringInterval: { Ref: 'Seconds' } });
  });
});

describe('VPC', () => {
  test('fails with one availability zone', () => {
    const oneZone = new ec2.Vpc(stack, 'OneZone', { maxAzs: 1 });

    expect(() => synthesize({ vpc: oneZone })).toThrow(
      'vpc must have private subnets in at least two availability zones for the database, got 1: '
      + 'raise maxAzs of the VPC or select subnets in more zones with vpcSubnets');
  });

  const PUBLIC = 'vpcSubnets must select private subnets for the database, got public ones: select others, or add private subnets to the vpc';

  test('fails with selected public subnets', () => {
    expect(() => synthesize({ vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } })).toThrow(PUBLIC);
  });

  test('fails with a VPC that has only public subnets', () => {
    const publicOnly = new ec2.Vpc(stack, 'Public', { subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }] });

    expect(() => synthesize({ vpc: publicOnly })).toThrow(PUBLIC);
  });

  test('subnets can be selected', () => {
    const isolated = new ec2.Vpc(stack, 'Isolated', {
      subnetConfiguration: [
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    });

    synthesize({ vpc: isolated, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }).hasResourceProperties('AWS::RDS::DBSubnetGroup', {
      SubnetIds: isolated.isolatedSubnets.map(subnet => stack.resolve(subnet.subnetId)),
    });
  });

  test('an imported VPC whose subnets are known at deployment only passes', () => {
    const imported = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: 'vpc-1',
      availabilityZones: Token.asList({ 'Fn::GetAZs': '' }),
      privateSubnetIds: Token.asList({ 'Fn::Split': [',', { 'Fn::ImportValue': 'Subnets' }] }),
    });

    expect(() => synthesize({ vpc: imported })).not.toThrow();
  });
});

describe('existing database', () => {
  const clientRule = (database: ec2.IConnectable) => {
    database.connections.allowDefaultPortFrom(new ec2.SecurityGroup(stack, 'Client', { vpc }));
    return Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties.FromPort);
  };

  test('an imported cluster keeps its host, port and security group', () => {
    const masterSecret = secretsmanager.Secret.fromSecretNameV2(stack, 'Master', 'master');
    const cluster = rds.DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Existing', {
      clusterIdentifier: 'existing',
      clusterEndpointAddress: 'existing.example.com',
      port: 5433,
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
    });

    const database = AirflowDatabase.fromCluster(stack, 'Database', { cluster, masterSecret });

    expect(database.hostname).toBe('existing.example.com');
    expect(database.port).toBe(5433);
    expect(database.masterSecret).toBe(masterSecret);
    expect(clientRule(database)).toEqual([5433]);
  });

  test('an instance of the same app is waited for, and its rules have a literal port', () => {
    const instance = new rds.DatabaseInstance(stack, 'Existing', {
      vpc,
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17_6 }),
    });
    const database = AirflowDatabase.fromInstance(stack, 'Database', { instance, masterSecret: instance.secret! });
    new sqs.Queue(stack, 'Dependent').node.addDependency(database);

    expect(database.port).toBe(5432);
    expect(clientRule(database)).toEqual([5432]);
    Template.fromStack(stack).hasResource('AWS::SQS::Queue', {
      DependsOn: Match.arrayWith([stack.getLogicalId(instance.node.defaultChild as rds.CfnDBInstance)]),
    });
  });

  test('the port can be given where only the deployment knows it', () => {
    const cluster = new rds.DatabaseCluster(stack, 'Existing', {
      vpc,
      port: 5433,
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_9 }),
      writer: rds.ClusterInstance.serverlessV2('Writer'),
    });

    const database = AirflowDatabase.fromCluster(stack, 'Database', { cluster, masterSecret: cluster.secret!, port: 5433 });

    expect(clientRule(database)).toEqual([5433]);
  });
});

describe('from a snapshot', () => {
  test('the master user is the snapshot\'s, with a password of this stack', () => {
    const [{ Properties }] = Object.values(synthesize({ snapshotIdentifier: 'arn:aws:rds:eu-central-1:123456789012:cluster-snapshot:before' }).findResources(CLUSTER));

    expect(Properties).toMatchObject({
      SnapshotIdentifier: 'arn:aws:rds:eu-central-1:123456789012:cluster-snapshot:before', MasterUserPassword: expect.anything(), EngineVersion: '17',
    });
    expect(Properties).not.toHaveProperty('MasterUsername');
  });

  test('fails for what is no identifier', () => {
    expect(() => synthesize({ snapshotIdentifier: 'a--b' })).toThrow('property snapshotIdentifier must be the identifier or ARN of a snapshot, got "a--b"');
  });
});
