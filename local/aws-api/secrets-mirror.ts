import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateSecretCommand, DescribeSecretCommand, GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient,
  type DescribeSecretCommandOutput, type GetSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager';

interface MirroredSecret {
  readonly Name: string;
  readonly Description?: string;
  readonly SecretString?: string;
  /** Base64 */
  readonly SecretBinary?: string;
  readonly VersionId?: string;
}

/** Actions after which a secret may be another one. */
const CHANGING = new Set(['CreateSecret', 'PutSecretValue', 'UpdateSecret', 'DeleteSecret', 'RestoreSecret', 'UpdateSecretVersionStage']);

/** Keeps secrets in files (0600) that only the user can read: moto forgets them, the database and the Fernet key do not change. */
export class SecretsMirror {
  constructor(private readonly client: SecretsManagerClient, private readonly folder: string) {}

  async restore(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const file of (await readdir(this.folder)).filter(name => name.endsWith('.json'))) {
      const { VersionId, SecretBinary, ...secret } = JSON.parse(await readFile(join(this.folder, file), 'utf-8')) as MirroredSecret;
      await this.client.send(new CreateSecretCommand({
        ...secret,
        ...SecretBinary !== undefined && { SecretBinary: Buffer.from(SecretBinary, 'base64') },
        ClientRequestToken: VersionId,
      }));
    }
  }

  /** To be called after each successful request. */
  async onRequest(action: string, body: string): Promise<void> {
    if (!CHANGING.has(action)) {
      return;
    }
    const request = JSON.parse(body) as { SecretId?: string; Name?: string };
    const id = request.SecretId ?? request.Name;
    const secret = await this.client.send(new DescribeSecretCommand({ SecretId: id })).catch(absent);
    if (!secret) {
      // gone for good; its name is in the ARN before the random suffix
      const name = id!.startsWith('arn:') ? id!.split(':')[6].replace(/-\w{6}$/, '') : id!;
      await rm(this.file(name), { force: true });
    } else if (secret.DeletedDate) {
      await rm(this.file(secret.Name!), { force: true });
    } else {
      await this.write(secret, await this.client.send(new GetSecretValueCommand({ SecretId: id })).catch(absent));
    }
  }

  private async write(secret: DescribeSecretCommandOutput, value: GetSecretValueCommandOutput | undefined): Promise<void> {
    const mirrored: MirroredSecret = {
      Name: secret.Name!,
      Description: secret.Description,
      SecretString: value?.SecretString,
      SecretBinary: value?.SecretBinary && Buffer.from(value.SecretBinary).toString('base64'),
      VersionId: value?.VersionId,
    };
    const file = this.file(secret.Name!);
    await writeFile(`${file}.new`, JSON.stringify(mirrored), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  private file(name: string): string {
    return join(this.folder, `${encodeURIComponent(name)}.json`);
  }
}

function absent(error: unknown): undefined {
  if (!(error instanceof ResourceNotFoundException)) {
    throw error;
  }
}
