import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, Dependable, IConstruct } from 'constructs';
import type { Binding } from '../binding';
import { CustomResourceFunction } from '../custom-resource/custom-resource-function';
import { KEPT_OR_DELETED, KEY } from '../properties/cdk-types';
import { validateTypes } from '../properties/property-types';
import { AirflowSecret } from '../secrets/airflow-secret';
import { warnIfDestroyable } from '../warnings';

/** The key that Airflow encrypts stored connections, variables and trigger arguments with. */
export interface IFernetKey extends IConstruct {
  /** The credential that the key is. */
  readonly key: AirflowSecret;
}

/** Properties of a FernetKey. */
export interface FernetKeyProps {
  /**
   * Key that encrypts the secret.
   *
   * @default - the AWS managed key of Secrets Manager
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens to the key when it is removed from the stack.
   *
   * WARNING: without the key the connections in a database, or in a snapshot of it, cannot be decrypted by anybody.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A Fernet key that is generated once, at the first deployment, and never again.
 *
 * A Lambda function writes the key into the secret. It can describe the secret and write it, but not read it, and the key
 * appears nowhere else: not in the template, not in CloudFormation's responses, not in a log. Updates and roll-backs keep it.
 *
 * Whatever uses the key depends on this construct, so that it starts when the key exists.
 *
 * @example
 * const fernetKey = new FernetKey(this, 'FernetKey');
 *
 * new ServerlessAirflow(this, 'Airflow', { fernetKey });
 */
export class FernetKey extends Construct implements IFernetKey {
  /**
   * Use an existing Fernet key.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct
   * @param secret the secret that holds the key: 32 bytes as url-safe base64, or several of them, separated by commas, while keys are rotated
   * @param field the field of a secret that holds JSON; without it the whole secret string is the key
   */
  public static fromSecret(scope: Construct, id: string, secret: secretsmanager.ISecret, field?: string): IFernetKey {
    return new ExistingFernetKey(scope, id, AirflowSecret.fromSecretsManager(secret, field));
  }

  /** The credential that the key is. */
  public readonly key: AirflowSecret;

  constructor(scope: Construct, id: string, props: FernetKeyProps = {}) {
    super(scope, id);

    validateTypes(props, { encryptionKey: KEY, removalPolicy: KEPT_OR_DELETED });
    warnIfDestroyable(this, props, 'the key, without which nobody can decrypt stored connections,');
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Airflow: Fernet key, which stored connections and variables are encrypted with',
      encryptionKey: props.encryptionKey,
      removalPolicy,
    });
    // without a value: a generated one would not be a key, and CloudFormation would generate it anew whenever a criterion changes
    (secret.node.defaultChild as secretsmanager.CfnSecret).addPropertyDeletionOverride('GenerateSecretString');

    const handler = new CustomResourceFunction(this, 'Function', {
      description: 'Airflow: writes the Fernet key once, if there is none',
      handler: 'fernet-key/fernet-key.lambda',
      timeout: Duration.minutes(1),
      statements: permissions(secret, props.encryptionKey),
      logRetention: logs.RetentionDays.ONE_MONTH,
      removalPolicy,
    });
    const customResource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::FernetKey',
      serviceToken: handler.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: { SecretArn: secret.secretArn },
    });

    this.key = AirflowSecret.fromSecretsManager(secret);
    Dependable.implement(this, { dependencyRoots: [customResource] });
  }
}

/** Describe and write this one secret: never read it. */
function permissions(secret: secretsmanager.ISecret, encryptionKey: kms.IKey | undefined): iam.PolicyStatement[] {
  const statements = [
    new iam.PolicyStatement({ actions: ['secretsmanager:DescribeSecret', 'secretsmanager:PutSecretValue'], resources: [secret.secretArn] }),
  ];
  if (encryptionKey) {
    statements.push(new iam.PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(secret).region}.amazonaws.com` } },
    }));
  }
  return statements;
}

class ExistingFernetKey extends Construct implements IFernetKey {
  public readonly key: AirflowSecret;

  constructor(scope: Construct, id: string, key: AirflowSecret) {
    super(scope, id);
    this.key = key;
    Dependable.implement(this, { dependencyRoots: [key.secret] });
  }
}

/** For components that encrypt and decrypt. */
export function bindFernetKey(fernetKey: IFernetKey): Binding {
  return { secrets: { AIRFLOW__CORE__FERNET_KEY: fernetKey.key._toEcsSecret() }, waitsFor: [fernetKey] };
}
