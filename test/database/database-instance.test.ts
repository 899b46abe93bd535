import { Duration, RemovalPolicies, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AirflowDatabaseInstance, AirflowDatabaseInstanceProps, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack, text } from '../private/template';

const MASTER = '{{resolve:secretsmanager:${DatabaseMasterSecret8B831D88}:SecretString:password::}}';

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack();
  vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
});

function instance(props: Partial<AirflowDatabaseInstanceProps> = {}, change = () => {}): any {
  new AirflowDatabaseInstance(stack, 'Database', { vpc, ...props });
  change();
  const [[, resource]] = new SynthesizedStack(stack).ofType('AWS::RDS::DBInstance');
  return resource;
}

test('is encrypted, protected PostgreSQL 17, of any minor version, with exactly these properties', () => {
  const { Type, Properties, ...policies } = instance();
  const { MasterUsername, MasterUserPassword, DBParameterGroupName, DBSubnetGroupName, VPCSecurityGroups, ...properties } = Properties;
  const { resources } = new SynthesizedStack(stack);

  expect([Type, policies]).toEqual(['AWS::RDS::DBInstance', { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' }]);
  expect(properties).toEqual({
    Engine: 'postgres',
    EngineVersion: '17',
    Port: '5432',
    DBInstanceClass: 'db.t4g.small',
    MultiAZ: false,
    PubliclyAccessible: false,
    StorageType: 'gp3',
    AllocatedStorage: '20',
    MaxAllocatedStorage: 100,
    StorageEncrypted: true,
    EnableIAMDatabaseAuthentication: true,
    EnableCloudwatchLogsExports: ['postgresql'],
    BackupRetentionPeriod: 7,
    CopyTagsToSnapshot: true,
    DeletionProtection: true,
  });
  expect([MasterUsername, MasterUserPassword].map(value => text(value).replace(/\$\{\w+\}/, '${DatabaseMasterSecret8B831D88}'))).toEqual(['airflow_admin', MASTER]);
  expect(resources[DBParameterGroupName.Ref].Properties).toEqual({
    Family: 'postgres17',
    Description: 'Airflow: TLS only, dead connections end soon',
    Parameters: {
      'rds.force_ssl': '1', 'tcp_keepalives_idle': '60', 'tcp_keepalives_interval': '10', 'tcp_keepalives_count': '3', 'idle_in_transaction_session_timeout': '300000',
    },
  });
  expect(resources[DBSubnetGroupName.Ref].Properties.SubnetIds).toEqual([1, 2].map(number => ({ Ref: expect.stringContaining(`PrivateSubnet${number}`) })));
  expect(VPCSecurityGroups.map((group: any) => resources[group['Fn::GetAtt'][0]].Properties.GroupDescription)).toEqual(['Airflow: database']);
});

test('is what Airflow connects to', () => {
  const database = new AirflowDatabaseInstance(stack, 'Database', { vpc });
  new ServerlessAirflow(stack, 'Airflow', { vpc, database });
  const synthesized = new SynthesizedStack(stack);
  const [[id]] = synthesized.ofType('AWS::RDS::DBInstance');

  expect(synthesized.containers.scheduler.environment.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN).toContain(`@\${${id}.Endpoint.Address}:5432/airflow?sslmode=require`);
  expect(synthesized.connections().filter(connection => connection.endsWith('-> Airflow: database:5432'))).toEqual(
    ['dag-processor', 'migration', 'scheduler', 'triggerer', 'web-server', 'worker'].map(client => `Airflow: ${client} -> Airflow: database:5432`),
  );
  expect(synthesized.ofType('AWS::RDS::DBCluster')).toEqual([]);
});

test('size, standby, storage, backups, monitoring and key as told', () => {
  const { Properties } = instance({
    instanceType: new ec2.InstanceType('r8g.large'),
    multiAz: true,
    allocatedStorage: 50,
    maxAllocatedStorage: 500,
    backupRetention: Duration.days(14),
    monitoringInterval: Duration.seconds(60),
    encryptionKey: new kms.Key(stack, 'Key'),
    deletionProtection: false,
  });

  expect(Properties).toMatchObject({
    DBInstanceClass: 'db.r8g.large',
    MultiAZ: true,
    AllocatedStorage: '50',
    MaxAllocatedStorage: 500,
    BackupRetentionPeriod: 14,
    MonitoringInterval: 60,
    KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
    DeletionProtection: false,
  });
});

test('starts with a snapshot, whose master user gets the password of this stack', () => {
  const { Properties } = instance({ snapshotIdentifier: 'airflow-before' });

  expect(Properties).toMatchObject({ DBSnapshotIdentifier: 'airflow-before', MasterUserPassword: expect.anything(), EngineVersion: '17' });
  expect(Properties).not.toHaveProperty('MasterUsername');
  expect(Properties).not.toHaveProperty('StorageEncrypted');
});

test('can be deleted where the stack deletes it', () => {
  expect(instance({ removalPolicy: RemovalPolicy.DESTROY })).toMatchObject({ DeletionPolicy: 'Delete', Properties: { DeletionProtection: false } });
});

test('can be deleted where an aspect says so', () => {
  expect(instance({}, () => RemovalPolicies.of(stack).destroy())).toMatchObject({ DeletionPolicy: 'Delete', Properties: { DeletionProtection: false } });
});

test('has metrics', () => {
  const database = new AirflowDatabaseInstance(stack, 'Database', { vpc });

  expect([database.metric('ReadIOPS'), database.metricFreeStorageSpace(), database.metricDatabaseConnections()].map(({ namespace, metricName }) => `${namespace} ${metricName}`))
    .toEqual(['AWS/RDS ReadIOPS', 'AWS/RDS FreeStorageSpace', 'AWS/RDS DatabaseConnections']);
});

test.each<[Partial<Record<keyof AirflowDatabaseInstanceProps, any>>, string]>([
  [{ instanceType: 't4g.small' }, 'property instanceType must be an InstanceType, for example new InstanceType("t4g.small"), got "t4g.small"'],
  [{ instanceType: new ec2.InstanceType('t2.micro') }, 'property instanceType must be t3, m5, r5 or newer, which PostgreSQL 17 runs on in RDS, got t2.micro'],
  [{ instanceType: new ec2.InstanceType('m4.large') }, 'property instanceType must be t3, m5, r5 or newer, which PostgreSQL 17 runs on in RDS, got m4.large'],
  [{ allocatedStorage: 10 }, 'property allocatedStorage must be a whole number from 20 to 65536, got 10'],
  [{ allocatedStorage: 200, maxAllocatedStorage: 200 }, 'property maxAllocatedStorage must be a whole number from 201 to 65536, got 200'],
  [{ backupRetention: Duration.days(36) }, 'property backupRetention must be 1 to 35 days, got 36 days'],
  [{ snapshotIdentifier: '-' }, 'property snapshotIdentifier must be the identifier or ARN of a snapshot, got "-"'],
])('fails for %j', (props, message) => {
  expect(() => new AirflowDatabaseInstance(stack, 'Database', { vpc, ...props })).toThrow(message);
});

test('takes what is known at deployment only', () => {
  const number = Token.asNumber({ 'Fn::ImportValue': 'Size' });

  expect(() => instance({ allocatedStorage: number, maxAllocatedStorage: number, snapshotIdentifier: Token.asString({ 'Fn::ImportValue': 'Snapshot' }) })).not.toThrow();
});
