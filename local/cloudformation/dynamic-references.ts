import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { UserError } from '../errors';

const REFERENCE = /\{\{resolve:([^:}]+):([^}]*)\}\}/g;
/** `secret-id:SecretString:json-key:version-stage:version-id`; the id is a name or an ARN with colons of its own. */
const SECRET = /^(arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)(?::SecretString(?::([^:]*)(?::([^:]*)(?::([^:]*))?)?)?)?$/;

/** Replaces every dynamic reference in a resolved value. Values of secrets appear in the result only. */
export async function resolveDynamicReferences<T>(value: T, client: SecretsManagerClient): Promise<T> {
  return await replace(value, client) as T;
}

async function replace(value: unknown, client: SecretsManagerClient): Promise<unknown> {
  if (typeof value === 'string') {
    const parts: string[] = [];
    let end = 0;
    for (const match of value.matchAll(REFERENCE)) {
      parts.push(value.slice(end, match.index), await lookUp(match[0], match[1], match[2], client));
      end = match.index + match[0].length;
    }
    return parts.join('') + value.slice(end);
  }
  if (Array.isArray(value)) {
    return Promise.all(value.map(element => replace(element, client)));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, member]) => [key, await replace(member, client)])));
  }
  return value;
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
