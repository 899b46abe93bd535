import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AirflowSecret } from './airflow-secret';
import { PasswordPolicy } from './password-policy';
import { KEPT_OR_DELETED, KEY } from '../properties/cdk-types';
import { BOOLEAN, object, PropertyTypes, validateTypes } from '../properties/property-types';
import { warnIfDestroyable } from '../warnings';

/** HS512, which both keys sign with, asks for a key of at least 64 bytes. */
const SIGNING_KEY_LENGTH = 64;

/** Properties of AirflowSecrets. */
export interface AirflowSecretsProps {
  /**
   * What generated passwords look like.
   *
   * WARNING: another policy replaces every generated secret by a new one. The admin user keeps its old password: it is set once,
   * when the user is created.
   *
   * @default - 32 letters and digits; 64 for the API secret key and the JWT secret
   */
  readonly passwordPolicy?: PasswordPolicy;

  /**
   * Key that encrypts the generated secrets.
   *
   * @default - the AWS managed key of Secrets Manager
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens to the generated secrets when they are removed from the stack.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Password of the role that owns Airflow's metadata database.
   *
   * @default - generated
   */
  readonly database?: AirflowSecret;

  /**
   * Password of the role that writes and reads Celery's task results, the only one that workers know.
   *
   * @default - generated
   */
  readonly resultDatabase?: AirflowSecret;

  /**
   * Password of the Celery broker (Redis).
   *
   * @default - generated
   */
  readonly broker?: AirflowSecret;

  /**
   * Password that the first admin user, `admin`, is created with.
   *
   * @default - generated: JSON with the fields `username` and `password`
   */
  readonly admin?: AirflowSecret;

  /**
   * Whether there is a Flower, which has a password.
   *
   * @default true
   */
  readonly flowerEnabled?: boolean;

  /**
   * Password of Flower's user, `admin`.
   *
   * @default - generated: JSON with the fields `username` and `password`
   */
  readonly flower?: AirflowSecret;

  /**
   * Key that signs web sessions and the requests for live task logs, `[api] secret_key`.
   *
   * @default - generated
   */
  readonly apiSecretKey?: AirflowSecret;

  /**
   * Key that signs the tokens of the REST API and of running tasks, `[api_auth] jwt_secret`.
   *
   * WARNING: whoever holds it can act as every user and every task. A new value fails running tasks.
   *
   * @default - generated
   */
  readonly jwtSecret?: AirflowSecret;
}

export const SECRET_TYPE = object<AirflowSecret>('an AirflowSecret, for example AirflowSecret.fromSecretsManager(secret)', '_generated');

const TYPES: PropertyTypes<AirflowSecretsProps> = {
  passwordPolicy: object<PasswordPolicy>('a PasswordPolicy', '_idSuffix'),
  encryptionKey: KEY,
  removalPolicy: KEPT_OR_DELETED,
  database: SECRET_TYPE,
  resultDatabase: SECRET_TYPE,
  broker: SECRET_TYPE,
  admin: SECRET_TYPE,
  flowerEnabled: BOOLEAN,
  flower: SECRET_TYPE,
  apiSecretKey: SECRET_TYPE,
  jwtSecret: SECRET_TYPE,
};

/**
 * The credentials of an Airflow deployment: each generated in Secrets Manager, or an existing one.
 *
 * @example
 * declare const existing: secretsmanager.ISecret;
 *
 * new AirflowSecrets(this, 'Secrets', {
 *   jwtSecret: AirflowSecret.fromSecretsManager(existing, 'jwt'),
 * });
 */
export class AirflowSecrets extends Construct {
  /** Password of the role that owns Airflow's metadata database. */
  public readonly database: AirflowSecret;

  /** Password of the role that writes and reads Celery's task results. */
  public readonly resultDatabase: AirflowSecret;

  /** Password of the Celery broker (Redis). */
  public readonly broker: AirflowSecret;

  /** Password that the first admin user is created with. */
  public readonly admin: AirflowSecret;

  /** Key that signs web sessions and the requests for live task logs. */
  public readonly apiSecretKey: AirflowSecret;

  /** Key that signs the tokens of the REST API and of running tasks. */
  public readonly jwtSecret: AirflowSecret;

  /** Password of Flower's user; undefined if there is no Flower. */
  public readonly flower?: AirflowSecret;

  constructor(scope: Construct, id: string, props: AirflowSecretsProps = {}) {
    super(scope, id);

    validateTypes(props, TYPES);
    warnIfDestroyable(this, props, 'the generated secrets');
    const policy = props.passwordPolicy ?? new PasswordPolicy();
    const password = policy._render();
    const signingKey = policy._render(SIGNING_KEY_LENGTH);
    const login: secretsmanager.SecretStringGenerator = {
      ...password,
      secretStringTemplate: JSON.stringify({ username: 'admin' }),
      generateStringKey: 'password',
    };
    const generate = (secretId: string, description: string, generateSecretString: secretsmanager.SecretStringGenerator) => {
      const secret = new secretsmanager.Secret(this, `${secretId}${policy._idSuffix}`, {
        description,
        generateSecretString,
        encryptionKey: props.encryptionKey,
        removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      });
      return AirflowSecret._generated(secret, generateSecretString.generateStringKey);
    };

    this.database = props.database ?? generate('Database', 'Airflow: password of the metadata database', password);
    this.resultDatabase = props.resultDatabase ?? generate('ResultDatabase', 'Airflow: password of the database of task results', password);
    this.broker = props.broker ?? generate('Broker', 'Airflow: password of the Celery broker', password);
    this.admin = props.admin ?? generate('Admin', 'Airflow: user and first password of the web interface', login);
    this.apiSecretKey = props.apiSecretKey ?? generate('ApiSecretKey', 'Airflow: key that signs sessions and log requests', signingKey);
    this.jwtSecret = props.jwtSecret ?? generate('JwtSecret', 'Airflow: key that signs API and task tokens', signingKey);
    if (props.flowerEnabled ?? true) {
      this.flower = props.flower ?? generate('Flower', 'Airflow: user and password of Flower', login);
    }
  }
}
