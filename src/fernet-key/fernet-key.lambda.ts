import { randomBytes } from 'node:crypto';
import { DescribeSecretCommand, PutSecretValueCommand, ResourceExistsException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CustomResourceEvent, handle } from '../custom-resource/custom-resource-response';

interface FernetKeyProperties {
  readonly SecretArn: string;
}

const secretsManager = new SecretsManagerClient({ maxAttempts: 8 });

/** Makes sure that the secret holds a Fernet key: a first one is written, an existing one is never replaced and never read. */
export async function handler(event: CustomResourceEvent<FernetKeyProperties>): Promise<void> {
  const secretArn = event.ResourceProperties.SecretArn;
  // the id depends on the secret alone: with any other change CloudFormation would take an update for a replacement
  await handle(event, `fernet:${secretArn}`, async () => {
    if (!await hasValue(secretArn)) {
      await writeKey(secretArn, event.RequestId);
    }
  });
}

async function hasValue(secretArn: string): Promise<boolean> {
  const { VersionIdsToStages: versions = {} } = await secretsManager.send(new DescribeSecretCommand({ SecretId: secretArn }));
  return Object.values(versions).some(stages => stages.includes('AWSCURRENT'));
}

async function writeKey(secretArn: string, requestId: string): Promise<void> {
  // url-safe base64 with padding, as cryptography.fernet wants it
  const key = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  try {
    await secretsManager.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: key, ClientRequestToken: requestId }));
  } catch (error) {
    // an earlier delivery of this request has written its key already, although the description did not show it yet
    if (!(error instanceof ResourceExistsException)) { throw error; }
  }
}
