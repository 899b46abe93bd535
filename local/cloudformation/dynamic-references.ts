import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { UserError } from '../errors';
import { mapMembers } from './members';

const REFERENCE = /\{\{resolve:([^:}]+):([^}]*)\}\}/g;
/** `secret-id:SecretString:json-key:version-stage:version-id`; the id is a name or an ARN with colons of its own. */
const SECRET = /^(arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)(?::SecretString(?::([^:]*)(?::([^:]*)(?::([^:]*))?)?)?)?$/;

/** Replaces every dynamic reference in a resolved value. Values of secrets appear in the result only. */
export async function resolveDynamicReferences<T>(value: T, client: SecretsManagerClient): Promise<T> {
  const values = new Map<string, string>();
  mapStrings(value, text => {
    text.match(REFERENCE)?.forEach(reference => values.set(reference, ''));
    return text;
  });
  await Promise.all([...values.keys()].map(async reference => {
    const [[, service, body]] = reference.matchAll(REFERENCE);
    values.set(reference, await lookUp(reference, service, body, client));
  }));
  return mapStrings(value, text => text.replaceAll(REFERENCE, reference => values.get(reference)!)) as T;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  return typeof value === 'string' ? change(value) : mapMembers(value, member => mapStrings(member, change));
}

async function lookUp(reference: string, service: string, body: string, client: SecretsManagerClient): Promise<string> {
  if (service !== 'secretsmanager') {
    throw new UserError(`the dynamic reference ${reference} reads from "${service}"; the local runner has secretsmanager only`);
  }
  const [, id, key, stage, version] = SECRET.exec(body) ?? [];
  if (id === undefined) {
    throw new UserError(`the dynamic reference ${reference} is malformed`);
  }
  const secret = await currentValue(client, id, reference, stage, version);
  if (!key) {
    return secret;
  }
  const field = jsonField(secret, key);
  if (field === undefined) {
    throw new UserError(`the dynamic reference ${reference} asks for the field "${key}", which the secret does not have`);
  }
  return field;
}

async function currentValue(client: SecretsManagerClient, id: string, reference: string, stage?: string, version?: string): Promise<string> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({
      SecretId: id, VersionStage: stage || undefined, VersionId: version || undefined,
    }));
    return SecretString ?? '';
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') {
      throw new UserError(`the dynamic reference ${reference} reads a secret that does not exist or has no value`);
    }
    throw error;
  }
}

function jsonField(secret: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(secret) as Record<string, unknown>)[key];
    return value === undefined ? undefined : String(value);
  } catch {
    return undefined; // not JSON; its text belongs into no message
  }
}
