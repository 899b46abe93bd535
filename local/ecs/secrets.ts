import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AccessKey } from '../iam/access-keys';

export interface SecretStore {
  readonly endpoint: string;
  readonly region: string;
}

/** Values of the definition's `secrets`, read with the execution role before any container starts. Errors are worded as ECS does. */
export async function resolveSecrets(references: Record<string, string>, store: SecretStore, key: AccessKey): Promise<Record<string, string>> {
  const client = new SecretsManagerClient({ ...store, credentials: key });
  try {
    const values = await Promise.all(Object.entries(references).map(async ([name, valueFrom]) => [name, await read(client, valueFrom)]));
    return Object.fromEntries(values) as Record<string, string>;
  } finally {
    client.destroy();
  }
}

async function read(client: SecretsManagerClient, valueFrom: string): Promise<string> {
  // arn:partition:secretsmanager:region:account:secret:name[:jsonField:versionStage:versionId]
  const parts = valueFrom.split(':');
  const [jsonField, versionStage, versionId] = parts.slice(7);
  const arn = parts.slice(0, 7).join(':');
  const secret = await client.send(new GetSecretValueCommand({
    SecretId: arn,
    VersionStage: versionStage || undefined,
    VersionId: versionId || undefined,
  })).catch((error: Error) => {
    throw unreadable(arn, `${error.name}: ${error.message}`);
  });
  if (secret.SecretString === undefined) throw unreadable(arn, 'it has no text value');
  if (!jsonField) return secret.SecretString;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(secret.SecretString) as Record<string, unknown>;
  } catch {
    throw unreadable(arn, `it is not JSON, so it has no field ${jsonField}`);
  }
  const value = fields[jsonField];
  if (value === undefined) throw unreadable(arn, `retrieved secret did not contain json key ${jsonField}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function unreadable(arn: string, reason: string): Error {
  return new Error(`ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: ${arn}: ${reason}`);
}
