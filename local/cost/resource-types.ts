import type { Charge } from './charge';
import type { Prices } from './prices';
import { referred, type Range } from './template-values';
import type { ResourceDeclaration, Template } from '../cloudformation';

/** Types that cost nothing of their own. */
export const FREE = new RegExp(`^(${[
  'AWS::(IAM|CloudFormation|ApplicationAutoScaling|CDK|ServiceDiscovery|RAM)::.*',
  'AWS::EC2::(VPC|Subnet|SubnetRouteTableAssociation|RouteTable|Route|SecurityGroup.*|InternetGateway|VPCGatewayAttachment|VPCEndpoint|NatGateway|EIP|NetworkAcl.*|FlowLog)',
  'AWS::ECS::(Cluster|ClusterCapacityProviderAssociations|TaskDefinition)',
  'AWS::RDS::(DBSubnetGroup|DBClusterParameterGroup|DBParameterGroup|DBCluster|DBInstance)',
  'AWS::ElastiCache::(SubnetGroup|ParameterGroup|CacheCluster|ReplicationGroup)',
  'AWS::ElasticLoadBalancingV2::.*', 'AWS::SecretsManager::.*', 'AWS::KMS::(Key|Alias)', 'AWS::S3::BucketPolicy', 'AWS::Route53::(HostedZone|RecordSet)',
  'AWS::CloudWatch::(Alarm|Dashboard)', 'AWS::CertificateManager::Certificate', 'AWS::Lambda::(LayerVersion|Permission|EventInvokeConfig)',
  'AWS::Logs::(ResourcePolicy|MetricFilter)', 'AWS::Events::Rule', 'AWS::SSM::Parameter', 'Custom::.*',
].join('|')})$`);

export const INTERFACE_ENDPOINT = 'AWS::EC2::VPCEndpoint: Interface';

/** What the use of a type costs: nothing in a template says how much of it there is. */
export const USAGE: Record<string, (prices: Prices) => string[]> = {
  'AWS::Logs::LogGroup': prices => [`logs: ${prices.unit('logs.in')}, ${prices.unit('logs.storage')}`],
  'AWS::S3::Bucket': prices => [`buckets: ${prices.unit('s3.storage')}, ${prices.unit('s3.put')}`],
  'AWS::EC2::NatGateway': prices => [`data through NAT gateways: ${prices.unit('nat.data')}`],
  [INTERFACE_ENDPOINT]: prices => [`data through interface endpoints: ${prices.unit('endpoint.data')}`],
  'AWS::RDS::DBCluster': prices => [`storage of the database: ${prices.unit('aurora.storage')}, its I/O: ${prices.unit('aurora.io')}; backups beyond its size`],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': prices => [`connections of load balancers: ${prices.unit('alb.lcu')}`],
  'AWS::SecretsManager::Secret': prices => [`reads of secrets: ${prices.unit('secret.calls')}`],
  'AWS::KMS::Key': prices => [`use of keys: ${prices.unit('key.calls')}`],
  'AWS::Lambda::Function': prices => [`functions, at deployments: ${prices.unit('lambda.requests')}`],
  'AWS::ECR::Repository': prices => [`images: ${prices.unit('ecr.storage')}`],
  'AWS::EFS::FileSystem': prices => [`files: ${prices.unit('efs.storage')}`],
  'AWS::SQS::Queue': prices => [`messages: ${prices.unit('sqs.requests')}`],
  'AWS::ECS::Cluster': () => ['metrics of Container Insights, unless it is disabled'],
};

const NONE: Charge[] = [];

type ChargeOf = (name: string, price: string, number?: Range) => Charge[];

/** What a resource costs by being there. */
export function fixedCharges(template: Template, { Type, Properties = {} }: ResourceDeclaration, prices: Prices): Charge[] {
  const properties = Properties as Record<string, any>;
  const each: ChargeOf = (name, price, number = { least: 1, most: 1 }) => prices.has(price)
    ? [{ name, least: number.least * prices.monthly(price), most: number.most * prices.monthly(price) }]
    : [{ name: `${Type} ${price}`, least: NaN, most: NaN }];
  const times = (number: number): Range => ({ least: number, most: number });
  switch (Type) {
    case 'AWS::RDS::DBInstance': return databaseInstance(template, properties, each);
    case 'AWS::EC2::NatGateway': return each('NAT gateway', 'nat');
    case 'AWS::EC2::EIP': return each('public IPv4 address', 'ipv4');
    case 'AWS::EC2::VPCEndpoint':
      return properties.VpcEndpointType === 'Interface' ? each(`interface endpoint in ${zones(properties.SubnetIds)} zones`, 'endpoint', times(zones(properties.SubnetIds))) : NONE;
    case 'AWS::ElasticLoadBalancingV2::LoadBalancer': {
      const addresses = properties.Scheme === 'internet-facing' ? each(`public IPv4 addresses of a load balancer in ${zones(properties.Subnets)} zones`, 'ipv4', times(zones(properties.Subnets))) : NONE;
      return [...each('load balancer', properties.Type === 'network' ? 'nlb' : 'alb'), ...addresses];
    }
    case 'AWS::ElastiCache::CacheCluster':
    case 'AWS::ElastiCache::ReplicationGroup':
      return each(properties.CacheNodeType, `${properties.Engine === 'valkey' ? 'valkey.' : ''}${properties.CacheNodeType}`, times(properties.NumCacheNodes ?? properties.NumCacheClusters ?? 1));
    case 'AWS::SecretsManager::Secret': return each('secret', 'secret');
    case 'AWS::KMS::Key': return each('KMS key', 'key');
    case 'AWS::ServiceDiscovery::PrivateDnsNamespace': return each('private DNS zone', 'zone');
    case 'AWS::Route53::HostedZone': return each('DNS zone', 'zone');
    case 'AWS::CloudWatch::Alarm': return each('alarm', 'alarm');
    case 'AWS::CloudWatch::Dashboard': return each('dashboard', 'dashboard');
    default: return NONE;
  }
}

function databaseInstance(template: Template, properties: Record<string, any>, each: ChargeOf): Charge[] {
  const type: string = properties.DBInstanceClass;
  if (type !== 'db.serverless') {
    return each(`database instance ${type}${properties.MultiAZ ? ', in two zones' : ''}`, `rds.${type}`, properties.MultiAZ ? { least: 2, most: 2 } : undefined);
  }
  const cluster = template.Resources[referred(properties.DBClusterIdentifier) ?? '']?.Properties as Record<string, any> | undefined;
  const { MinCapacity, MaxCapacity } = cluster?.ServerlessV2ScalingConfiguration ?? {};
  return each(`database instance, ${MinCapacity} to ${MaxCapacity} ACU`, cluster?.StorageType === 'aurora-iopt1' ? 'aurora.acu.iopt' : 'aurora.acu', { least: MinCapacity, most: MaxCapacity });
}

function zones(subnets: unknown): number {
  return Array.isArray(subnets) ? subnets.length : 1;
}
