import type { ResourceType } from '../resource';
import { BUCKET_DEPLOYMENT } from './bucket-deployment';
import { CLOUD_MAP_SERVICE, PRIVATE_DNS_NAMESPACE } from './cloud-map';
import { CUSTOM_RESOURCE, isCustomResource } from './custom-resource';
import { CLUSTER, SERVICE, TASK_DEFINITION } from './ecs';
import { CACHE_PARAMETER_GROUP, REPLICATION_GROUP } from './elasticache';
import { BUCKET_POLICY, MANAGED_POLICY, POLICY, ROLE, SECRET_POLICY } from './iam';
import { KEY } from './kms';
import { FUNCTION } from './lambda';
import { isNamedType, NAMED } from './not-realised';
import { DATABASE_CLUSTER, DATABASE_INSTANCE, PARAMETER_GROUP } from './rds';
import { BUCKET } from './s3';
import { SECRET, SECRET_TARGET_ATTACHMENT } from './secrets-manager';
import { SECURITY_GROUP, SECURITY_GROUP_RULE } from './security-groups';
import { PARAMETER } from './ssm';

const TYPES: Record<string, ResourceType> = {
  'AWS::EC2::SecurityGroup': SECURITY_GROUP,
  'AWS::EC2::SecurityGroupEgress': SECURITY_GROUP_RULE,
  'AWS::EC2::SecurityGroupIngress': SECURITY_GROUP_RULE,
  'AWS::ECS::Cluster': CLUSTER,
  'AWS::ECS::Service': SERVICE,
  'AWS::ECS::TaskDefinition': TASK_DEFINITION,
  'AWS::ElastiCache::ParameterGroup': CACHE_PARAMETER_GROUP,
  'AWS::ElastiCache::ReplicationGroup': REPLICATION_GROUP,
  'AWS::IAM::ManagedPolicy': MANAGED_POLICY,
  'AWS::IAM::Policy': POLICY,
  'AWS::IAM::Role': ROLE,
  'AWS::IAM::RolePolicy': POLICY,
  'AWS::KMS::Key': KEY,
  'AWS::Lambda::Function': FUNCTION,
  'AWS::RDS::DBCluster': DATABASE_CLUSTER,
  'AWS::RDS::DBClusterParameterGroup': PARAMETER_GROUP,
  'AWS::RDS::DBInstance': DATABASE_INSTANCE,
  'AWS::RDS::DBParameterGroup': PARAMETER_GROUP,
  'AWS::S3::Bucket': BUCKET,
  'AWS::S3::BucketPolicy': BUCKET_POLICY,
  'AWS::SecretsManager::ResourcePolicy': SECRET_POLICY,
  'AWS::SecretsManager::Secret': SECRET,
  'AWS::SecretsManager::SecretTargetAttachment': SECRET_TARGET_ATTACHMENT,
  'AWS::SSM::Parameter': PARAMETER,
  'AWS::ServiceDiscovery::PrivateDnsNamespace': PRIVATE_DNS_NAMESPACE,
  'AWS::ServiceDiscovery::Service': CLOUD_MAP_SERVICE,
  'Custom::CDKBucketDeployment': BUCKET_DEPLOYMENT,
};

/** Whether it is realised, or known to need nothing: the others are only named. */
export function isKnownType(type: string): boolean {
  return Object.hasOwn(TYPES, type) || isNamedType(type) || isCustomResource(type);
}

/** How a resource type is realised; what nothing local stands for gets a name at least. */
export function resourceType(type: string): ResourceType {
  if (Object.hasOwn(TYPES, type)) {
    return TYPES[type];
  }
  return isCustomResource(type) && !isNamedType(type) ? CUSTOM_RESOURCE : NAMED;
}
