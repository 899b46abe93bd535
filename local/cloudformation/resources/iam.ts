import { parsePolicy, type Policy } from '../../iam/policy';
import type { Context, Created, Resource, ResourceType } from '../resource';
import type { Properties } from '../template';

const FOR_PEOPLE = { harmless: 'for people only' };
const NOBODY = { harmless: 'users and groups have no part in a run' };

function createRole({ logicalId, properties }: Resource, context: Context): Created {
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

export const ROLE: ResourceType = {
  create: createRole,
  update: createRole,
  updates: {
    AssumeRolePolicyDocument: 'supported',
    Description: FOR_PEOPLE,
    ManagedPolicyArns: 'supported',
    MaxSessionDuration: { harmless: 'sessions end with their tasks' },
    PermissionsBoundary: 'supported',
    Policies: 'supported',
    Tags: FOR_PEOPLE,
  },
  delete: ({ attributes }, { cloud }) => cloud.iam.deleteRole(String(attributes.Arn)),
  nameProperty: 'RoleName',
};

/** `AWS::IAM::Policy`, which may be attached to several roles, and `AWS::IAM::RolePolicy`. */
export const POLICY: ResourceType = {
  create(resource, context) {
    const name = String(resource.properties.PolicyName);
    attach(resource.properties, name, context);
    return { ref: name, attributes: {} };
  },
  update(resource, context, before) {
    detach(before.properties, String(before.properties.PolicyName), context);
    return this.create(resource, context);
  },
  updates: { Groups: NOBODY, PolicyDocument: 'supported', PolicyName: 'supported', Roles: 'supported', Users: NOBODY },
  delete: ({ properties }, context) => detach(properties, String(properties.PolicyName), context),
};

export const MANAGED_POLICY: ResourceType = {
  create({ logicalId, properties }, context) {
    const name = nameOf(properties.ManagedPolicyName, logicalId, context);
    const arn = context.names.arn('iam', `policy${String(properties.Path ?? '/')}${name}`, { region: '' });
    context.cloud.iam.createManagedPolicy(arn, attach(properties, name, context));
    return { ref: arn, attributes: { PolicyArn: arn } };
  },
  update(resource, context, before) {
    detach(before.properties, nameOfArn(before.physicalId), context);
    return this.create(resource, context);
  },
  updates: { Groups: NOBODY, PolicyDocument: 'supported', Roles: 'supported', Users: NOBODY },
  delete({ physicalId, properties }, context) {
    detach(properties, nameOfArn(physicalId), context);
    context.cloud.iam.deleteManagedPolicy(physicalId);
  },
  nameProperty: 'ManagedPolicyName',
};

export const BUCKET_POLICY: ResourceType = {
  create({ logicalId, properties }, context) {
    context.cloud.iam.putResourcePolicy(bucketArn(properties, context), parsePolicy(logicalId, properties.PolicyDocument));
    return { ref: String(properties.Bucket), attributes: {} };
  },
  update(resource, context) {
    return this.create(resource, context);
  },
  updates: { PolicyDocument: 'supported' },
  delete: ({ properties }, context) => context.cloud.iam.deleteResourcePolicy(bucketArn(properties, context)),
};

export const SECRET_POLICY: ResourceType = {
  create({ logicalId, properties }, context) {
    context.cloud.iam.putResourcePolicy(String(properties.SecretId), parsePolicy(logicalId, properties.ResourcePolicy));
    return { ref: context.names.physicalName(logicalId), attributes: {} };
  },
  update(resource, context) {
    return this.create(resource, context);
  },
  updates: { BlockPublicPolicy: { harmless: 'nobody is outside' }, ResourcePolicy: 'supported' },
  delete: ({ properties }, { cloud }) => cloud.iam.deleteResourcePolicy(String(properties.SecretId)),
};

function bucketArn({ Bucket }: Properties, { cloud }: Context): string {
  return `arn:${cloud.partition}:s3:::${String(Bucket)}`;
}

/** Users and groups have no part in a run. */
function attach(properties: Properties, name: string, { cloud }: Context): Policy {
  const policy = parsePolicy(name, properties.PolicyDocument);
  rolesOf(properties).forEach(role => cloud.iam.attachPolicy(role, policy));
  return policy;
}

function detach(properties: Properties, name: string, { cloud }: Context): void {
  rolesOf(properties).forEach(role => cloud.iam.detachPolicy(role, name));
}

function rolesOf({ RoleName, Roles = [] }: Properties): string[] {
  return (RoleName === undefined ? Roles as unknown[] : [RoleName]).map(String);
}

function nameOfArn(arn: string): string {
  return arn.split('/').at(-1)!;
}

function nameOf(given: unknown, logicalId: string, context: Context): string {
  return String(given ?? context.names.physicalName(logicalId, 64));
}
