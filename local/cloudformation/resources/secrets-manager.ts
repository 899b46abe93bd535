import { isDeepStrictEqual } from 'node:util';
import {
  CreateSecretCommand, DeleteSecretCommand, DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand, ResourceNotFoundException,
  type GetSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { UserError } from '../../errors';
import type { Context, Created, Resource, ResourceType } from '../resource';
import type { Properties } from '../template';
import { generateSecretString } from './generate-secret-string';
import { keyArn } from './kms';
import { checkProperties, type PropertyTable } from './property-table';
import { DATABASES } from './rds';

export const SECRET_PROPERTIES = {
  Description: { harmless: 'only for people' },
  GenerateSecretString: 'supported',
  KmsKeyId: 'supported',
  Name: 'supported',
  ReplicaRegions: { harmless: 'other regions do not exist' },
  SecretString: 'supported',
  Tags: { harmless: 'nothing local reads them' },
  Type: { harmless: 'only says who manages the secret' },
} satisfies PropertyTable;

/** moto takes the six characters at the end of the ARN from this tag. */
const MOTO_ID_TAG = '_custom_id_';

export const SECRET: ResourceType = {
  create: createSecret,
  /** As AWS: other rules for a generated value generate another one. */
  async update(resource, context, before) {
    const created = await createSecret(resource, context);
    const { GenerateSecretString: rules } = resource.properties;
    if (rules !== undefined && !isDeepStrictEqual(rules, before.properties.GenerateSecretString)) {
      const SecretString = generateSecretString(rules as Properties);
      await context.secretsManager.send(new PutSecretValueCommand({ SecretId: created.ref, SecretString }));
    }
    return created;
  },
  updates: SECRET_PROPERTIES,
  async delete({ physicalId }, { secretsManager }) {
    await secretsManager.send(new DeleteSecretCommand({ SecretId: physicalId, ForceDeleteWithoutRecovery: true }));
  },
  persistent: true,
  nameProperty: 'Name',
};

/** An existing secret keeps its value, except that a `SecretString` in the template is put again when it differs. */
async function createSecret(resource: Resource, context: Context): Promise<Created> {
  const { logicalId, properties } = resource;
  checkProperties(properties, SECRET_PROPERTIES, `secret "${logicalId}"`);
  const name = String(properties.Name ?? context.names.physicalName(logicalId));
  const suffix = context.names.hash(logicalId, 'secret', 6);
  const arn = context.names.arn('secretsmanager', `secret:${name}-${suffix}`);
  const given = properties.SecretString as string | undefined;
  context.cloud.iam.encrypt(arn, keyArn(properties.KmsKeyId, context));

  const existing = await find(context, name);
  if (existing?.arn === arn) {
    if (given !== undefined && given !== existing.value?.SecretString) {
      await context.secretsManager.send(new PutSecretValueCommand({ SecretId: arn, SecretString: given }));
    }
    return { ref: arn, attributes: { Id: arn } };
  }
  if (existing) {
    // restored from an earlier run under another ARN, which the task definitions must not see change
    await context.secretsManager.send(new DeleteSecretCommand({ SecretId: existing.arn, ForceDeleteWithoutRecovery: true }));
  }
  await context.secretsManager.send(new CreateSecretCommand({
    Name: name,
    Description: properties.Description as string | undefined,
    Tags: [{ Key: MOTO_ID_TAG, Value: suffix }],
    SecretBinary: existing?.value?.SecretBinary,
    SecretString: given ?? existing?.value?.SecretString ?? generated(existing !== undefined, properties),
  }));
  return { ref: arn, attributes: { Id: arn } };
}

/** A secret that somebody else is to fill (the Fernet key) stays empty. */
function generated(exists: boolean, properties: Properties): string | undefined {
  return exists || properties.GenerateSecretString === undefined ? undefined : generateSecretString(properties.GenerateSecretString as Properties);
}

async function find(context: Context, name: string): Promise<{ arn: string; value?: GetSecretValueCommandOutput } | undefined> {
  const secret = await context.secretsManager.send(new DescribeSecretCommand({ SecretId: name })).catch(absent);
  return secret && {
    arn: secret.ARN!,
    value: await context.secretsManager.send(new GetSecretValueCommand({ SecretId: name })).catch(absent),
  };
}

function absent(error: unknown): undefined {
  if (!(error instanceof ResourceNotFoundException)) {
    throw error;
  }
}

export const SECRET_TARGET_ATTACHMENT: ResourceType = {
  create: createSecretTargetAttachment,
  update: createSecretTargetAttachment,
  updates: { TargetId: 'supported', TargetType: 'supported' },
};

/** Adds how to reach the database to the secret's JSON, as the real attachment does. */
async function createSecretTargetAttachment({ properties }: Resource, context: Context): Promise<Created> {
  const secretId = String(properties.SecretId);
  const database = context.realised.get(DATABASES, properties.TargetId);
  if (!database) {
    throw new UserError(`its target ${JSON.stringify(properties.TargetId)} (${String(properties.TargetType)}) is not a database of this template`);
  }
  const { SecretString = '' } = await context.secretsManager.send(new GetSecretValueCommand({ SecretId: secretId }));
  const attached = JSON.stringify({
    ...JSON.parse(SecretString) as object,
    engine: 'postgres',
    host: database.address,
    port: database.port,
    ...(database.databaseName !== undefined && { dbname: database.databaseName }),
    ...(database.kind === 'cluster' ? { dbClusterIdentifier: database.identifier } : { dbInstanceIdentifier: database.identifier }),
  });
  if (attached !== SecretString) {
    await context.secretsManager.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: attached }));
  }
  return { ref: secretId, attributes: {} };
}
