import type { Action, Iam } from '../../iam/iam';

/** Operations by what they do to a secret that has a customer managed key. */
const KMS: Record<string, readonly string[]> = {
  DescribeSecret: [],
  GetSecretValue: ['kms:Decrypt'],
  ListSecretVersionIds: [],
  PutSecretValue: ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** What an operation of Secrets Manager needs; undefined if it is none that is known here. `arnOf` finds the ARN of a secret by its name. */
export async function actionsOfSecretsManager(
  operation: string, input: Record<string, unknown>, iam: Iam, region: string, arnOf: (name: string) => Promise<string>,
): Promise<Action[] | undefined> {
  if (!Object.hasOwn(KMS, operation)) {
    return undefined;
  }
  const id = String(input.SecretId);
  const resource = id.startsWith('arn:') ? id : await arnOf(id);
  const key = iam.encryptionKeyOf(resource);
  const stage = { 'secretsmanager:SecretId': resource, 'secretsmanager:VersionId': input.VersionId as string | undefined };
  return [
    {
      action: `secretsmanager:${operation}`,
      resource,
      context: { ...stage, 'secretsmanager:VersionStage': (input.VersionStage as string | undefined) ?? (operation === 'GetSecretValue' ? 'AWSCURRENT' : undefined) },
    },
    ...key === undefined ? [] : KMS[operation].map(action => ({
      action,
      resource: key,
      context: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com`, 'kms:EncryptionContext:SecretARN': resource },
    })),
  ];
}
