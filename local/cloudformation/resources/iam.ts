import { parsePolicy, type Policy } from '../../iam/policy';
import type { Context, Created, Resource } from '../resource';
import type { Properties } from '../template';

export function createRole({ logicalId, properties }: Resource, context: Context): Created {
  const { names, cloud } = context;
  const name = nameOf(properties.RoleName, logicalId, context);
  const arn = names.arn('iam', `role${String(properties.Path ?? '/')}${name}`, { region: '' });
  const inline = (properties.Policies ?? []) as Properties[];
  cloud.iam.createRole({
    arn,
    trustPolicy: parsePolicy('AssumeRolePolicyDocument', properties.AssumeRolePolicyDocument, arn),
    policies: inline.map(({ PolicyName, PolicyDocument }) => parsePolicy(String(PolicyName), PolicyDocument)),
    managedPolicies: ((properties.ManagedPolicyArns ?? []) as unknown[]).map(String),
    permissionsBoundary: properties.PermissionsBoundary as string | undefined,
  });
  return { ref: name, attributes: { Arn: arn, RoleId: `AROA${names.hash(logicalId, 'role', 17).toUpperCase()}` } };
}

/** `AWS::IAM::Policy`, which may be attached to several roles, and `AWS::IAM::RolePolicy`. */
export function createPolicy(resource: Resource, context: Context): Created {
  const { properties } = resource;
  const policy = attach(resource, String(properties.PolicyName), context);
  return { ref: policy.name, attributes: {} };
}

export function createManagedPolicy(resource: Resource, context: Context): Created {
  const { logicalId, properties } = resource;
  const name = nameOf(properties.ManagedPolicyName, logicalId, context);
  const arn = context.names.arn('iam', `policy${String(properties.Path ?? '/')}${name}`, { region: '' });
  context.cloud.iam.createManagedPolicy(arn, attach(resource, name, context));
  return { ref: arn, attributes: { PolicyArn: arn } };
}

export function createBucketPolicy({ logicalId, properties }: Resource, context: Context): Created {
  const arn = `arn:${context.cloud.partition}:s3:::${String(properties.Bucket)}`;
  context.cloud.iam.putResourcePolicy(arn, parsePolicy(logicalId, properties.PolicyDocument));
  return { ref: String(properties.Bucket), attributes: {} };
}

export function createSecretPolicy({ logicalId, properties }: Resource, context: Context): Created {
  context.cloud.iam.putResourcePolicy(String(properties.SecretId), parsePolicy(logicalId, properties.ResourcePolicy));
  return { ref: context.names.physicalName(logicalId), attributes: {} };
}

/** Users and groups have no part in a run. */
function attach({ properties }: Resource, name: string, { cloud }: Context): Policy {
  const policy = parsePolicy(name, properties.PolicyDocument);
  const roles = (properties.RoleName === undefined ? properties.Roles ?? [] : [properties.RoleName]) as unknown[];
  roles.forEach(role => cloud.iam.attachPolicy(String(role), policy));
  return policy;
}

function nameOf(given: unknown, logicalId: string, context: Context): string {
  return String(given ?? context.names.physicalName(logicalId, 64));
}
