import { Stack, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { SECRET } from '../properties/cdk-types';
import { required, STRING, validateType } from '../properties/property-types';

/**
 * One credential in Secrets Manager: a whole secret, or one field of a secret that holds JSON.
 *
 * @example
 * declare const secret: secretsmanager.ISecret;
 *
 * new AirflowSecrets(this, 'Secrets', {
 *   admin: AirflowSecret.fromSecretsManager(secret, 'password'),
 * });
 */
export class AirflowSecret {
  /**
   * Use an existing secret.
   *
   * Any characters are allowed in it, and all count: a line break at the end of a file that it was made of, too. It needs a value before anything
   * that uses it is deployed.
   *
   * @param secret the secret in Secrets Manager
   * @param field the field of a secret that holds JSON; without it the whole secret string is the credential
   */
  public static fromSecretsManager(secret: secretsmanager.ISecret, field?: string): AirflowSecret {
    validateType('secret', secret, required(SECRET));
    validateType('field', field, STRING);
    if (field !== undefined && !Token.isUnresolved(field) && !/^[^:]+$/.test(field)) {
      throw new Error(`property field must be a name without ":", got ${JSON.stringify(field)}: leave it out for the whole secret`);
    }
    return new AirflowSecret(secret, field, false);
  }

  /** @internal */
  public static _generated(secret: secretsmanager.ISecret, field?: string): AirflowSecret {
    return new AirflowSecret(secret, field, true);
  }

  /** The secret in Secrets Manager. */
  public readonly secret: secretsmanager.ISecret;

  /** The field of the secret's JSON that holds the credential; undefined if the whole secret string does. */
  public readonly field?: string;

  /**
   * Letters and digits only, by the library's own policy: it may stand in a URL as it is. Anything else has to be percent-encoded.
   *
   * @internal
   */
  public readonly _generated: boolean;

  private constructor(secret: secretsmanager.ISecret, field: string | undefined, generated: boolean) {
    this.secret = secret;
    this.field = field;
    this._generated = generated;
  }

  /**
   * For a container: its execution role may read the secret, and decrypt with the secret's key.
   *
   * All of it by the policies of the role. The secret's own `grantRead` changes the policy of the key instead, which has no effect on
   * the key of another app, and makes the stack of the key depend on the stack of the role.
   *
   * @internal
   */
  public _toEcsSecret(): ecs.Secret {
    const { arn, hasField } = ecs.Secret.fromSecretsManager(this.secret, this.field);
    return { arn, hasField, grantRead: grantee => grantRead(this.secret, grantee) };
  }

  /**
   * For a property of a resource: CloudFormation reads the secret, and shows it nowhere.
   *
   * @internal
   */
  public _toDynamicReference(): string {
    return (this.field === undefined ? this.secret.secretValue : this.secret.secretValueFromJson(this.field)).unsafeUnwrap();
  }
}

function grantRead(secret: secretsmanager.ISecret, grantee: iam.IGrantable): iam.Grant {
  const grant = iam.Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: [secret.secretArn],
  });
  return secret.encryptionKey ? grant.combine(iam.Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt'],
    resourceArns: [secret.encryptionKey.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(secret).region}.amazonaws.com` } },
  })) : grant;
}
