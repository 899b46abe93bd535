import { DEFAULT_SECURITY_GROUP } from '../../isolation/security-groups';
import type { Context, Created, Resource, ResourceType } from '../resource';

/** A type that is only named: other resources can refer to it, nothing local stands for it. */
interface NamedType {
  /** What is different because of it; without it, nothing that matters locally. */
  readonly matters?: string;
  /** Why nothing is missing. */
  readonly harmless?: string;
  /** Prefix of its id (`vpc-0123…`), which `Ref` and the attribute `Id` give; without it `Ref` gives a name. */
  readonly id?: string;
  /** Further values of `Fn::GetAtt`. */
  readonly attributes?: (resource: Resource, context: Context, ref: string) => Record<string, unknown>;
}

const NO_NETWORK = { harmless: 'every task has an address of its own, without a VPC' };
const NO_SCALING = { matters: 'the number of tasks changes only by hand' };
const NO_LOAD_BALANCER = { matters: 'there is no load balancer: the web server is published on this machine, and its redirects lead to the domain name' };
const NO_MONITORING = { harmless: 'monitoring does not change what runs' };
const NO_KMS = 'files of the state folder are not encrypted; only the user can read them';

const arnOf = (service: string, type: string) => (_resource: Resource, context: Context, ref: string) => ({
  Arn: context.names.arn(service, `${type}${ref}`),
});

const TYPES: Record<string, NamedType> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': NO_SCALING,
  'AWS::ApplicationAutoScaling::ScalingPolicy': NO_SCALING,
  'AWS::CDK::Metadata': { harmless: 'only for CDK\'s usage statistics' },
  'AWS::CloudWatch::Alarm': { ...NO_MONITORING, attributes: arnOf('cloudwatch', 'alarm:') },
  'AWS::CloudWatch::CompositeAlarm': { ...NO_MONITORING, attributes: arnOf('cloudwatch', 'alarm:') },
  'AWS::CloudWatch::Dashboard': NO_MONITORING,
  'AWS::EC2::EIP': {
    ...NO_NETWORK, id: 'eip', attributes: ({ logicalId }, { names }) => ({ AllocationId: names.id('eipalloc', logicalId), PublicIp: '203.0.113.1' }),
  },
  'AWS::EC2::FlowLog': { ...NO_MONITORING, id: 'fl' },
  'AWS::EC2::InternetGateway': { ...NO_NETWORK, id: 'igw', attributes: (_resource, _context, ref) => ({ InternetGatewayId: ref }) },
  'AWS::EC2::NatGateway': { ...NO_NETWORK, id: 'nat', attributes: (_resource, _context, ref) => ({ NatGatewayId: ref }) },
  'AWS::EC2::Route': NO_NETWORK,
  'AWS::EC2::RouteTable': { ...NO_NETWORK, id: 'rtb', attributes: (_resource, _context, ref) => ({ RouteTableId: ref }) },
  'AWS::EC2::Subnet': {
    ...NO_NETWORK,
    id: 'subnet',
    attributes: ({ properties }, { names }, ref) => ({
      SubnetId: ref,
      VpcId: properties.VpcId,
      CidrBlock: properties.CidrBlock,
      AvailabilityZone: properties.AvailabilityZone ?? `${names.awsEnvironment.region}a`,
    }),
  },
  'AWS::EC2::SubnetRouteTableAssociation': { ...NO_NETWORK, id: 'rtbassoc' },
  'AWS::EC2::VPC': {
    ...NO_NETWORK,
    id: 'vpc',
    attributes: ({ logicalId, properties }, { names }, ref) => ({
      VpcId: ref,
      CidrBlock: properties.CidrBlock,
      CidrBlockAssociations: [names.id('vpc-cidr-assoc', logicalId)],
      DefaultNetworkAcl: names.id('acl', logicalId),
      DefaultSecurityGroup: DEFAULT_SECURITY_GROUP,
    }),
  },
  'AWS::EC2::VPCEndpoint': { ...NO_NETWORK, id: 'vpce' },
  'AWS::EC2::VPCGatewayAttachment': NO_NETWORK,
  'AWS::ECR::Repository': {
    matters: 'images cannot be uploaded: name one of a registry',
    attributes: (_resource, { names }, ref) => ({
      Arn: names.arn('ecr', `repository/${ref}`),
      RepositoryUri: `${names.awsEnvironment.account}.dkr.ecr.${names.awsEnvironment.region}.amazonaws.com/${ref}`,
    }),
  },
  'AWS::ECS::ClusterCapacityProviderAssociations': { harmless: 'tasks run on this machine' },
  'AWS::ElastiCache::SubnetGroup': NO_NETWORK,
  'AWS::ElasticLoadBalancingV2::Listener': NO_LOAD_BALANCER,
  'AWS::ElasticLoadBalancingV2::ListenerRule': NO_LOAD_BALANCER,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': NO_LOAD_BALANCER,
  'AWS::ElasticLoadBalancingV2::TargetGroup': NO_LOAD_BALANCER,
  'AWS::KMS::Alias': { matters: NO_KMS },
  'AWS::KMS::Key': { matters: NO_KMS, id: 'key', attributes: (_resource, { names }, ref) => ({ Arn: names.arn('kms', `key/${ref}`), KeyId: ref }) },
  'AWS::Lambda::LayerVersion': { harmless: 'functions with layers are not run' },
  'AWS::Lambda::Permission': { harmless: 'only custom resources call functions' },
  'AWS::Logs::LogGroup': {
    harmless: 'logs are files of the state folder', attributes: (_resource, { names }, ref) => ({ Arn: names.arn('logs', `log-group:${ref}:*`) }),
  },
  'AWS::Logs::MetricFilter': NO_MONITORING,
  'AWS::RDS::DBSubnetGroup': NO_NETWORK,
  'AWS::SNS::Subscription': NO_MONITORING,
  'AWS::SNS::Topic': {
    ...NO_MONITORING, attributes: ({ logicalId }, { names }) => ({ TopicArn: names.arn('sns', names.physicalName(logicalId)), TopicName: names.physicalName(logicalId) }),
  },
  'AWS::SecretsManager::RotationSchedule': { matters: 'secrets are not rotated' },
  'AWS::WAFv2::WebACLAssociation': NO_LOAD_BALANCER,
  'Custom::LogRetention': { harmless: 'logs are files of the state folder' },
  'Custom::S3AutoDeleteObjects': { harmless: 'objects go with the state folder' },
  'Custom::VpcRestrictDefaultSG': { matters: 'the default security group keeps its rules' },
};

/** Properties whose value is the resource's name, by the last part of the type. */
const NAME_PROPERTIES = ['LogGroupName', 'AlarmName', 'DashboardName', 'TopicName', 'AliasName', 'RepositoryName'];

export function isNamedType(type: string): boolean {
  return Object.hasOwn(TYPES, type);
}

/** Physical id and attributes of plausible shape, the same in every run. */
export function createNamed(resource: Resource, context: Context): Created {
  const { logicalId, type, properties } = resource;
  const { id, attributes, harmless, matters }: NamedType = TYPES[type] ?? { matters: 'the local runner does not know this type' };
  const given = NAME_PROPERTIES.map(name => properties[name]).find(name => name !== undefined);
  const ref = id === undefined ? String(given ?? context.names.physicalName(logicalId, 64)) : context.names.id(id, logicalId);
  return {
    ref,
    attributes: { ...(id !== undefined && { Id: ref }), ...attributes?.(resource, context, ref) },
    notRealised: { meaning: (matters ?? harmless)!, matters: matters !== undefined },
  };
}

/** A change of what nothing stands for needs nothing, and its attributes may follow its properties. */
export const NAMED: ResourceType = { create: createNamed };
