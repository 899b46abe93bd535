import { CfnParameter, Fn, RemovalPolicy, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AirflowCluster, ServerlessAirflow } from '../../src';
import { newStack } from '../private/stack';

describe('by default', () => {
  const stack = newStack();
  const cluster = new AirflowCluster(stack, 'Cluster');
  const template = Template.fromStack(stack);

  test('defines a VPC with two zones, one NAT gateway and a gateway to S3', () => {
    template.resourceCountIs('AWS::EC2::Subnet', 4);
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
    expect(cluster.vpc.selectSubnets(cluster.vpcSubnets).subnets).toEqual(cluster.vpc.privateSubnets);
  });

  test('defines an ECS cluster with Container Insights and both Fargate capacity providers', () => {
    template.hasResourceProperties('AWS::ECS::Cluster', { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }], ClusterName: Match.absent() });
    template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', { CapacityProviders: ['FARGATE', 'FARGATE_SPOT'] });
  });

  test('defines the private DNS namespace airflow', () => {
    template.hasResourceProperties('AWS::ServiceDiscovery::PrivateDnsNamespace', { Name: 'airflow' });
  });

  test('keeps log lines for a month, and the log group after the stack', () => {
    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 30 }, DeletionPolicy: 'RetainExceptOnCreate' });
  });
});

test('logs are kept, encrypted and deleted as told', () => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  new AirflowCluster(stack, 'Cluster', { logRetention: logs.RetentionDays.ONE_YEAR, removalPolicy: RemovalPolicy.DESTROY, encryptionKey });

  const template = Template.fromStack(stack);
  template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365, KmsKeyId: { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] } }, DeletionPolicy: 'Delete' });
  template.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } })]) },
  });
});

test('NAT gateways and metrics are as told', () => {
  const stack = newStack();
  new AirflowCluster(stack, 'Cluster', { natGateways: 2, containerInsights: ecs.ContainerInsights.ENHANCED });

  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::EC2::NatGateway', 2);
  template.hasResourceProperties('AWS::ECS::Cluster', { ClusterSettings: [{ Name: 'containerInsights', Value: 'enhanced' }] });
});

test('an existing ECS cluster is used, with its VPC and without capacity providers of ours', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
  const existing = new ecs.Cluster(stack, 'Existing', { vpc });
  const cluster = new AirflowCluster(stack, 'Cluster', { ecsCluster: existing });
  new ServerlessAirflow(stack, 'Airflow', { cluster });

  const template = Template.fromStack(stack);
  expect(cluster.vpc).toBe(vpc);
  template.resourceCountIs('AWS::ECS::Cluster', 1);
  template.resourceCountIs('AWS::EC2::VPC', 1);
  template.resourceCountIs('AWS::ECS::ClusterCapacityProviderAssociations', 0);
});

test('another namespace is in every private name', () => {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { cluster: new AirflowCluster(stack, 'Cluster', { namespaceName: 'reporting' }) });

  const template = JSON.stringify(Template.fromStack(stack).toJSON());
  expect(template).toContain('http://webserver.reporting:8080/execution/');
  expect(template).toContain('@redis.reporting:6379/0');
  expect(template).not.toContain('.airflow:');
});

describe('fails for', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [
      { name: 'public', subnetType: ec2.SubnetType.PUBLIC }, { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });

  test('a cluster together with a VPC', () => {
    expect(() => new AirflowCluster(stack, 'Both', { vpc, ecsCluster: new ecs.Cluster(stack, 'Existing', { vpc }) }))
      .toThrow('property vpc must be left out when property ecsCluster is given: the cluster has its VPC');
  });

  test('metrics of a cluster that is given', () => {
    const existing = new ecs.Cluster(stack, 'Metrics', { vpc });
    expect(() => new AirflowCluster(stack, 'WithMetrics', { ecsCluster: existing, containerInsights: ecs.ContainerInsights.ENHANCED }))
      .toThrow('property containerInsights must be left out when property ecsCluster is given: it is a setting of that cluster');
  });

  test('NAT gateways of a VPC that is given', () => {
    const existing = new ecs.Cluster(stack, 'Nat', { vpc });
    expect(() => new AirflowCluster(stack, 'NatOfVpc', { vpc, natGateways: 1 }))
      .toThrow('property natGateways must be left out when property vpc is given: the VPC has its own');
    expect(() => new AirflowCluster(stack, 'NatOfCluster', { ecsCluster: existing, natGateways: 1 }))
      .toThrow('property natGateways must be left out when property ecsCluster is given: the VPC has its own');
  });

  test.each([0, 1.5, 3])('%d NAT gateways', natGateways => {
    expect(() => new AirflowCluster(newStack(), 'Cluster', { natGateways }))
      .toThrow(`property natGateways must be 1 to 2, one for each zone of the VPC at most, got ${natGateways}`);
  });

  test('NAT gateways that only the deployment knows', () => {
    expect(() => new AirflowCluster(newStack(), 'Cluster', { natGateways: Token.asNumber({ Ref: 'Gateways' }) }))
      .toThrow('property natGateways must be known at synthesis, got a token: it decides how many resources there are');
  });

  test('a VPC without private subnets', () => {
    expect(() => new AirflowCluster(stack, 'NoPrivate', { vpc }))
      .toThrow('property vpc must have private subnets with egress, got none: add them to the VPC, or select other subnets with property vpcSubnets');
  });

  test('public subnets', () => {
    expect(() => new AirflowCluster(stack, 'Public', { vpc, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } }))
      .toThrow('property vpcSubnets must not select public subnets, got {"subnetType":"Public"}: select private or isolated ones');
  });

  test('a public subnet that is made of its id, or of another construct', () => {
    const imported = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: 'vpc-1', availabilityZones: ['a', 'b'], publicSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetIds: ['subnet-3', 'subnet-4'],
    });
    const known = ec2.Subnet.fromSubnetId(stack, 'Known', 'subnet-1');
    const defined = new ec2.PublicSubnet(stack, 'Defined', { vpcId: 'vpc-1', availabilityZone: 'a', cidrBlock: '10.0.0.0/24' });

    expect(() => new AirflowCluster(stack, 'PublicId', { vpc: imported, vpcSubnets: { subnets: [known] } }))
      .toThrow('property vpcSubnets must not select public subnets, got {"subnets":["subnet-1"]}: select private or isolated ones');
    expect(() => new AirflowCluster(stack, 'PublicConstruct', { vpc: imported, vpcSubnets: { subnets: [defined] } }))
      .toThrow(/^property vpcSubnets must not select public subnets, got .*: select private or isolated ones$/);
  });

  test('a VPC with one zone', () => {
    expect(() => new AirflowCluster(stack, 'OneZone', { vpc: new ec2.Vpc(stack, 'OneZoneVpc', { maxAzs: 1 }) }))
      .toThrow('property vpc must have two availability zones at least, got 1: the database needs them');
  });

  test('a VPC without DNS hostnames', () => {
    expect(() => new AirflowCluster(stack, 'NoHostnames', { vpc: new ec2.Vpc(stack, 'NoHostnamesVpc', { enableDnsHostnames: false }) }))
      .toThrow('property vpc must have DNS hostnames and DNS support enabled, got enableDnsHostnames: false: private names do not resolve without them');
  });

  test('a second namespace of the same name in one VPC', () => {
    const vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
    new AirflowCluster(stack, 'First', { vpc, vpcSubnets });
    new AirflowCluster(stack, 'Other', { vpc, vpcSubnets, namespaceName: 'other' });

    expect(() => new AirflowCluster(stack, 'Second', { vpc, vpcSubnets }))
      .toThrow('property namespaceName must differ for each AirflowCluster in a VPC, got "airflow" again: define the other one with a namespaceName of its own');
  });
});

test('a VPC that is known at deployment only passes', () => {
  const stack = newStack();
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: new CfnParameter(stack, 'VpcId').valueAsString,
    availabilityZones: Fn.getAzs(),
    privateSubnetIds: Fn.split(',', new CfnParameter(stack, 'SubnetIds').valueAsString),
  });
  new ServerlessAirflow(stack, 'Airflow', { vpc });

  Template.fromStack(stack).resourceCountIs('AWS::ECS::Service', 7);
});
