import type { ResourceHandler } from '../resource';
import { createBucketDeployment } from './bucket-deployment';
import { createCloudMapService, createPrivateDnsNamespace } from './cloud-map';
import { createCustomResource, isCustomResource } from './custom-resource';
import { createCluster, createService, createTaskDefinition } from './ecs';
import { createBucketPolicy, createManagedPolicy, createPolicy, createRole, createSecretPolicy } from './iam';
import { createKey } from './kms';
import { createFunction } from './lambda';
import { createNamed, isNamedType } from './not-realised';
import { createDatabaseCluster, createDatabaseInstance, createParameterGroup } from './rds';
import { createBucket } from './s3';
import { createSecret, createSecretTargetAttachment } from './secrets-manager';
import { createSecurityGroup, createSecurityGroupRule } from './security-groups';

const HANDLERS: Record<string, ResourceHandler> = {
  'AWS::EC2::SecurityGroup': createSecurityGroup,
  'AWS::EC2::SecurityGroupEgress': createSecurityGroupRule,
  'AWS::EC2::SecurityGroupIngress': createSecurityGroupRule,
  'AWS::ECS::Cluster': createCluster,
  'AWS::ECS::Service': createService,
  'AWS::ECS::TaskDefinition': createTaskDefinition,
  'AWS::IAM::ManagedPolicy': createManagedPolicy,
  'AWS::IAM::Policy': createPolicy,
  'AWS::IAM::Role': createRole,
  'AWS::IAM::RolePolicy': createPolicy,
  'AWS::KMS::Key': createKey,
  'AWS::Lambda::Function': createFunction,
  'AWS::RDS::DBCluster': createDatabaseCluster,
  'AWS::RDS::DBClusterParameterGroup': createParameterGroup,
  'AWS::RDS::DBInstance': createDatabaseInstance,
  'AWS::RDS::DBParameterGroup': createParameterGroup,
  'AWS::S3::Bucket': createBucket,
  'AWS::S3::BucketPolicy': createBucketPolicy,
  'AWS::SecretsManager::ResourcePolicy': createSecretPolicy,
  'AWS::SecretsManager::Secret': createSecret,
  'AWS::SecretsManager::SecretTargetAttachment': createSecretTargetAttachment,
  'AWS::ServiceDiscovery::PrivateDnsNamespace': createPrivateDnsNamespace,
  'AWS::ServiceDiscovery::Service': createCloudMapService,
  'Custom::CDKBucketDeployment': createBucketDeployment,
};

/** How a resource type is realised; what nothing local stands for gets a name at least. */
export function handlerFor(type: string): ResourceHandler {
  if (Object.hasOwn(HANDLERS, type)) {
    return HANDLERS[type];
  }
  return isCustomResource(type) && !isNamedType(type) ? createCustomResource : createNamed;
}
