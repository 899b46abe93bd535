import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AirflowCluster, AirflowDatabase, AirflowPreset, ServerlessAirflow, ServerlessAirflowProps, WorkerCapacity, WorkerScaling } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const DATABASE = 'AirflowDatabaseCluster390DDA42';

function synthesize(props: ServerlessAirflowProps = {}): SynthesizedStack {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', props);
  return new SynthesizedStack(stack);
}

const none = synthesize();

describe('production', () => {
  const { added, removed, changed } = difference(none, synthesize({ preset: AirflowPreset.PRODUCTION }));

  test('has no Flower, and adds exactly a NAT gateway, a reader and the role that monitors it and the writer', () => {
    expect(added).toEqual([
      'AWS::EC2::EIP AirflowClusterVpcPublicSubnet2EIPA702CD9D',
      'AWS::EC2::NatGateway AirflowClusterVpcPublicSubnet2NATGateway29E49046',
      'AWS::IAM::Role AirflowDatabaseClusterMonitoringRole08FAEF1D',
      'AWS::RDS::DBInstance AirflowDatabaseClusterReader17D2CC7D5',
    ]);
    expect(removed.filter(resource => !resource.includes('Flower'))).toEqual([]);
  });

  test('changes exactly this', () => {
    expect(changed).toEqual({
      'AirflowCluster1E2C574F.ClusterSettings': [{ Name: 'containerInsights', Value: 'enhanced' }],
      'AirflowClusterLogGroupF9E86CE7.RetentionInDays': 365,
      'AirflowClusterVpcPrivateSubnet2DefaultRouteA65A672D.NatGatewayId': { Ref: 'AirflowClusterVpcPublicSubnet2NATGateway29E49046' },
      'AirflowDatabaseCluster390DDA42.BackupRetentionPeriod': 35,
      'AirflowDatabaseCluster390DDA42.ServerlessV2ScalingConfiguration': { MaxCapacity: 16, MinCapacity: 1 },
      'AirflowDatabaseClusterWriterADA354BC.MonitoringInterval': 60,
      'AirflowDatabaseClusterWriterADA354BC.MonitoringRoleArn': { 'Fn::GetAtt': ['AirflowDatabaseClusterMonitoringRole08FAEF1D', 'Arn'] },
      'AirflowSchedulerService730CDC38.DesiredCount': 2,
      'AirflowTriggererService237639F5.DesiredCount': 2,
      'AirflowWebServerServiceB96FFA60.DesiredCount': 2,
      'AirflowWorkerService83A6378E.DesiredCount': 2,
    });
  });
});

describe('development', () => {
  const development = synthesize({ preset: AirflowPreset.DEVELOPMENT });
  const { added, removed, changed } = difference(none, development);
  const { 'AirflowTaskLogsBucketPolicy51AC21FF.PolicyDocument': policy, ...settings } = changed;

  test('changes exactly this', () => {
    expect(removed).toEqual([]);
    expect(settings).toEqual({
      'AirflowCluster1E2C574F.ClusterSettings': [{ Name: 'containerInsights', Value: 'disabled' }],
      'AirflowClusterLogGroupF9E86CE7.RetentionInDays': 7,
      'AirflowDatabaseCluster390DDA42.BackupRetentionPeriod': 1,
      'AirflowDatabaseCluster390DDA42.DeletionProtection': false,
      'AirflowDatabaseCluster390DDA42.ServerlessV2ScalingConfiguration': { MaxCapacity: 2, MinCapacity: 0.5 },
      'AirflowTaskLogsBucket59D1D076.Tags': [{ Key: 'aws-cdk:auto-delete-objects', Value: 'true' }],
      'AirflowWorkerService83A6378E.CapacityProviderStrategy': [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }],
      'AirflowWorkerService83A6378E.LaunchType': undefined,
    });
  });

  test('adds exactly what empties the bucket of task logs', () => {
    expect(added.map(resource => resource.split(' ')[0])).toEqual(['AWS::IAM::Role', 'AWS::Lambda::Function', 'Custom::S3AutoDeleteObjects']);
    expect(policy.Statement).toHaveLength(none.resources.AirflowTaskLogsBucketPolicy51AC21FF.Properties.PolicyDocument.Statement.length + 1);
  });

  test('deletes all data with the stack', () => {
    expect(Object.values(development.resources).filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')).toEqual([]);
  });
});

describe('a property wins over the preset, for itself alone', () => {
  test('of a service', () => {
    const synthesized = synthesize({
      preset: AirflowPreset.PRODUCTION,
      scheduler: { desiredCount: 3 },
      flower: { enabled: true },
      webServer: { cpu: 1024, memoryLimitMiB: 2048, desiredCount: undefined },
    });

    expect(counts(synthesized)).toEqual({ 'web-server': 2, 'scheduler': 3, 'dag-processor': 1, 'triggerer': 2, 'worker': 2, 'flower': 1, 'redis': 1 });
  });

  test('Spot capacity of workers', () => {
    const capacity = (props: ServerlessAirflowProps) => synthesize(props).service('worker').Properties.CapacityProviderStrategy?.[0].CapacityProvider;

    expect(capacity({ preset: AirflowPreset.DEVELOPMENT })).toBe('FARGATE_SPOT');
    expect(capacity({ preset: AirflowPreset.DEVELOPMENT, worker: { capacity: WorkerCapacity.onDemand() } })).toBeUndefined();
  });

  test('the removal policy, and with it the deletion protection', () => {
    const { resources } = synthesize({ preset: AirflowPreset.DEVELOPMENT, removalPolicy: RemovalPolicy.RETAIN });

    expect(resources[DATABASE]).toMatchObject({ DeletionPolicy: 'Retain', Properties: { DeletionProtection: true, BackupRetentionPeriod: 1 } });
    expect(resources.AirflowTaskLogsBucket59D1D076.DeletionPolicy).toBe('Retain');
    expect(synthesize({ preset: AirflowPreset.PRODUCTION, removalPolicy: RemovalPolicy.DESTROY }).resources[DATABASE])
      .toMatchObject({ DeletionPolicy: 'Delete', Properties: { DeletionProtection: false, BackupRetentionPeriod: 35 } });
  });

  test('of a cluster and a database that are defined on their own', () => {
    const stack = newStack();
    const preset = AirflowPreset.PRODUCTION;
    const cluster = new AirflowCluster(stack, 'Cluster', { preset, logRetention: logs.RetentionDays.TWO_YEARS });
    new AirflowDatabase(stack, 'Database', { preset, vpc: cluster.vpc, maxCapacity: 64 });
    const template = Template.fromStack(stack);

    template.resourceCountIs('AWS::EC2::NatGateway', 2);
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 731 });
    template.resourceCountIs('AWS::RDS::DBInstance', 2);
    template.hasResourceProperties('AWS::RDS::DBCluster', {
      ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 64 },
      BackupRetentionPeriod: 35,
    });
  });
});

test('further workers have the preset, too', () => {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { preset: AirflowPreset.PRODUCTION }).addWorkerPool('Reports', { queues: ['reports'] });

  expect(new SynthesizedStack(stack).service('worker-reports').Properties.DesiredCount).toBe(2);
});

test('scaling wins over the number of the preset', () => {
  const synthesized = synthesize({ preset: AirflowPreset.PRODUCTION, worker: { scaling: WorkerScaling.fixed(5) } });

  expect(synthesized.service('worker').Properties.DesiredCount).toBe(5);
});

test('a VPC that is brought keeps its NAT gateways', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  new ServerlessAirflow(stack, 'Airflow', { vpc, preset: AirflowPreset.PRODUCTION });

  Template.fromStack(stack).resourceCountIs('AWS::EC2::NatGateway', 1);
});

/** The tasks of each service. */
function counts(synthesized: SynthesizedStack): Record<string, number> {
  const services = ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower', 'redis'];
  return Object.fromEntries(services.map(container => [container, synthesized.service(container).Properties.DesiredCount]));
}

/** What another template has besides, what it lacks, and the properties that differ in what both have. */
function difference(before: SynthesizedStack, after: SynthesizedStack) {
  const missing = (there: SynthesizedStack, here: SynthesizedStack) => Object.entries(there.resources)
    .filter(([id]) => !(id in here.resources))
    .map(([id, { Type }]) => `${Type} ${id}`)
    .sort();
  const changed = Object.entries(after.resources).filter(([id]) => id in before.resources).flatMap(([id, { Properties }]) => {
    const known = before.resources[id].Properties;
    return [...new Set([...Object.keys(Properties), ...Object.keys(known)])]
      .filter(name => JSON.stringify(Properties[name]) !== JSON.stringify(known[name]))
      .map(name => [`${id}.${name}`, Properties[name]]);
  });
  return { added: missing(after, before), removed: missing(before, after), changed: Object.fromEntries(changed) };
}
