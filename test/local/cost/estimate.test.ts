import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { estimate, type Estimate } from '../../../local/cost/estimate';
import { Prices } from '../../../local/cost/prices';
import { ServerlessAirflow, WorkerCapacity, WorkerScaling } from '../../../src';

const PRICES = Prices.of(Prices.read(), 'us-east-1');

function costOf(resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>): Estimate {
  return estimate({ Resources: resources }, PRICES);
}

function rounded({ charges }: Estimate): Record<string, [number, number]> {
  return Object.fromEntries(charges.map(({ name, least, most }) => [name, [Math.round(least * 100) / 100, Math.round(most * 100) / 100]]));
}

/** A service whose tasks have one vCPU and 2 GiB: 28.84 a month on ARM64. */
function service(properties: object, definition: object = {}) {
  return {
    Service: { Type: 'AWS::ECS::Service', Properties: { TaskDefinition: { Ref: 'Task' }, DesiredCount: 1, ...properties } },
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: { Cpu: '1024', Memory: '2048', RuntimePlatform: { CpuArchitecture: 'ARM64' }, ContainerDefinitions: [{ Name: 'app' }], ...definition },
    },
  };
}

describe('the tasks of a service', () => {
  test('cost their size and architecture, for 730 hours', () => {
    expect(rounded(costOf(service({ DesiredCount: 2 })))).toEqual({ 'app: 2 × 1 vCPU, 2 GiB, ARM64': [57.67, 57.67] });
    expect(rounded(costOf(service({}, { RuntimePlatform: undefined })))).toEqual({ 'app: 1 × 1 vCPU, 2 GiB, X86_64': [36.04, 36.04] });
  });

  test('on Spot capacity cost a half at most; those of the base and of the other weights are on demand', () => {
    const spot = { CapacityProvider: 'FARGATE_SPOT', Weight: 1 };
    expect(rounded(costOf(service({ DesiredCount: 4, CapacityProviderStrategy: [spot] })))).toEqual({ 'app: 4 × 1 vCPU, 2 GiB, ARM64, Spot': [34.6, 57.67] });
    expect(rounded(costOf(service({ DesiredCount: 4, CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Base: 2, Weight: 0 }, spot] }))))
      .toEqual({ 'app: 4 × 1 vCPU, 2 GiB, ARM64, Spot': [74.97, 86.51] });
    expect(rounded(costOf(service({ DesiredCount: 4, CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Weight: 1 }, spot] }))))
      .toEqual({ 'app: 4 × 1 vCPU, 2 GiB, ARM64, Spot': [74.97, 86.51] });
  });

  test('have 20 GiB of their disk for nothing, and pay for public addresses', () => {
    expect(rounded(costOf(service({ NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } } }, { EphemeralStorage: { SizeInGiB: 50 } }))))
      .toEqual({ 'app: 1 × 1 vCPU, 2 GiB, 50 GiB disk, ARM64': [34.92, 34.92] });
  });

  test('are as many as auto scaling allows', () => {
    const target = {
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: { MinCapacity: 1, MaxCapacity: 3, ResourceId: { 'Fn::Join': ['', ['service/', { Ref: 'Cluster' }, '/', { 'Fn::GetAtt': ['Service', 'Name'] }]] } },
    };
    expect(rounded(costOf({ ...service({ DesiredCount: undefined }), Target: target }))).toEqual({ 'app: 1 to 3 × 1 vCPU, 2 GiB, ARM64': [28.84, 86.51] });
  });

  test('of another stack\'s task definition are named, not forgotten', () => {
    expect(costOf({ Service: service({}).Service })).toEqual({ charges: [], usage: [], unknown: ['tasks of Service, whose task definition is not in this stack'] });
  });
});

test('a database costs its capacity, at the least and at the most, for each instance', () => {
  const instance = { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.serverless', DBClusterIdentifier: { Ref: 'Cluster' } } };
  const cluster = (more: object) => ({ Type: 'AWS::RDS::DBCluster', Properties: { ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 }, ...more } });

  expect(rounded(costOf({ Cluster: cluster({}), Writer: instance, Reader: instance }))).toEqual({ '2 × database instance, 0.5 to 4 ACU': [87.6, 700.8] });
  expect(rounded(costOf({ Cluster: cluster({ StorageType: 'aurora-iopt1' }), Writer: instance }))).toEqual({ 'database instance, 0.5 to 4 ACU': [58.4, 467.2] });
  expect(rounded(costOf({ Postgres: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.t4g.small', MultiAZ: true } } })))
    .toEqual({ 'database instance db.t4g.small, in two zones': [46.72, 46.72] });
});

test('what else costs money by being there', () => {
  expect(rounded(costOf({
    Nat: { Type: 'AWS::EC2::NatGateway' },
    Address: { Type: 'AWS::EC2::EIP' },
    Interface: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] } },
    Gateway: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Gateway' } },
    Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: 'internet-facing', Subnets: ['a', 'b'] } },
    Internal: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: 'internal', Subnets: ['a', 'b'] } },
    Cache: { Type: 'AWS::ElastiCache::CacheCluster', Properties: { CacheNodeType: 'cache.t4g.small', NumCacheNodes: 2 } },
    Valkey: { Type: 'AWS::ElastiCache::ReplicationGroup', Properties: { CacheNodeType: 'cache.t4g.micro', Engine: 'valkey', NumCacheClusters: 2 } },
    Secret: { Type: 'AWS::SecretsManager::Secret' },
    Key: { Type: 'AWS::KMS::Key' },
    Namespace: { Type: 'AWS::ServiceDiscovery::PrivateDnsNamespace' },
    Zone: { Type: 'AWS::Route53::HostedZone' },
    Alarm: { Type: 'AWS::CloudWatch::Alarm' },
    Dashboard: { Type: 'AWS::CloudWatch::Dashboard' },
  }))).toEqual({
    'NAT gateway': [32.85, 32.85],
    'public IPv4 address': [3.65, 3.65],
    'interface endpoint in 2 zones': [14.6, 14.6],
    '2 × load balancer': [32.85, 32.85],
    'public IPv4 addresses of a load balancer in 2 zones': [7.3, 7.3],
    'cache.t4g.small': [46.72, 46.72],
    'cache.t4g.micro': [18.69, 18.69],
    'secret': [0.4, 0.4],
    'KMS key': [1, 1],
    'private DNS zone': [0.5, 0.5],
    'DNS zone': [0.5, 0.5],
    'alarm': [0.1, 0.1],
    'dashboard': [3, 3],
  });
});

test('what no price is known for, and types that nothing is known of, are named', () => {
  const { charges, unknown } = costOf({
    Large: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.r7g.large' } },
    Stream: { Type: 'AWS::Kinesis::Stream' },
    Role: { Type: 'AWS::IAM::Role' },
  });
  expect(charges).toEqual([]);
  expect(unknown).toEqual(['AWS::Kinesis::Stream', 'AWS::RDS::DBInstance rds.db.r7g.large']);
});

test('every type of resource that the integration apps have is known', () => {
  const folder = join(__dirname, '../../../integ');
  const templates = readdirSync(folder, { recursive: true, encoding: 'utf-8' }).filter(name => /^integ\.\w+\.ts\.snapshot\/integ-[\w-]+\.template\.json$/.test(name));
  const unknown = templates.flatMap(name => estimate(JSON.parse(readFileSync(join(folder, name), 'utf-8')), PRICES).unknown);

  expect(templates.length).toBeGreaterThan(5);
  expect([...new Set(unknown)]).toEqual(['AWS::RDS::DBInstance rds.db.m5.large']); // no price of it was found
});

test('of a deployment with pools that follow their queues everything is known', () => {
  const stack = new Stack(new App(), 'Stack');
  const airflow = new ServerlessAirflow(stack, 'Airflow', {
    vpc: new ec2.Vpc(stack, 'Vpc', { natGateways: 1 }),
    worker: { scaling: WorkerScaling.onQueue({ minWorkers: 1, maxWorkers: 10 }) },
  });
  airflow.addWorkerPool('Reports', { queues: ['reports'], scaling: WorkerScaling.onQueue({ minWorkers: 0, maxWorkers: 5 }), capacity: WorkerCapacity.spot() });
  const found = estimate(Template.fromStack(stack).toJSON() as any, PRICES);

  expect(found.unknown).toEqual([]);
  expect(found.charges.map(({ name }) => name).filter(name => name.startsWith('worker'))).toEqual([
    'worker: 1 to 10 × 1 vCPU, 4 GiB, ARM64', 'worker-reports: 0 to 5 × 1 vCPU, 4 GiB, ARM64, Spot',
  ]);
});
