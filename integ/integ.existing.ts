/** What the user has already: VPC, ECS cluster, key, bucket, database and secrets, all from another stack. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AirflowCluster, AirflowDatabase, AirflowSecret, AirflowSecrets, FernetKey, ServerlessAirflow, TaskLogs } from '../src';
import { integApp } from './helpers/app';
import { expectAirflow } from './helpers/assertions';

const app = integApp();
const removalPolicy = RemovalPolicy.DESTROY;

const owner = new Stack(app, 'integ-existing-owner');
const vpc = new ec2.Vpc(owner, 'Vpc', { maxAzs: 2, natGateways: 1 });
const encryptionKey = new kms.Key(owner, 'Key', { removalPolicy });
const ecsCluster = new ecs.Cluster(owner, 'Cluster', { vpc, enableFargateCapacityProviders: true });
const bucket = new s3.Bucket(owner, 'Logs', {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  encryption: s3.BucketEncryption.KMS,
  encryptionKey,
  removalPolicy,
  autoDeleteObjects: true,
});
const postgres = new rds.DatabaseInstance(owner, 'Postgres', {
  vpc,
  engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17_9 }),
  credentials: rds.Credentials.fromGeneratedSecret('postgres', { encryptionKey }),
  storageEncrypted: true,
  removalPolicy,
});
const passwords = new secretsmanager.Secret(owner, 'Passwords', {
  encryptionKey,
  removalPolicy,
  secretObjectValue: Object.fromEntries(
    ['database', 'results', 'broker', 'admin', 'flower', 'api', 'jwt'].map(name => [name, SecretValue.unsafePlainText(`not secret: ${name}/@:%`)])),
});
const fernetKey = new secretsmanager.Secret(owner, 'FernetKey', {
  encryptionKey,
  removalPolicy,
  secretStringValue: SecretValue.unsafePlainText('bm90IHNlY3JldDogdGhpcyBpcyBhIHRlc3QncyBrZXk='),
});

const stack = new Stack(app, 'integ-existing');
const secret = (field: string) => AirflowSecret.fromSecretsManager(passwords, field);
const airflow = new ServerlessAirflow(stack, 'Airflow', {
  cluster: new AirflowCluster(stack, 'Cluster', { ecsCluster, encryptionKey, removalPolicy }),
  database: AirflowDatabase.fromInstance(stack, 'Database', { instance: postgres, masterSecret: postgres.secret! }),
  taskLogs: TaskLogs.s3({ bucket }),
  fernetKey: FernetKey.fromSecret(stack, 'FernetKey', fernetKey),
  secrets: new AirflowSecrets(stack, 'Secrets', {
    database: secret('database'),
    resultDatabase: secret('results'),
    broker: secret('broker'),
    admin: secret('admin'),
    flower: secret('flower'),
    apiSecretKey: secret('api'),
    jwtSecret: secret('jwt'),
  }),
  encryptionKey,
});

expectAirflow(new IntegTest(app, 'Integ', { testCases: [owner, stack] }), airflow);
