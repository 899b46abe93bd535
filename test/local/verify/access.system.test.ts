import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AwsApi } from '../../../local/aws-api/aws-api';
import type { TaskDefinition } from '../../../local/ecs/definitions';
import { AccessKeys } from '../../../local/iam/access-keys';
import { Denials } from '../../../local/iam/denials';
import { Gate } from '../../../local/iam/gate';
import { Iam } from '../../../local/iam/iam';
import { parsePolicy } from '../../../local/iam/policy';
import { Loopback } from '../../../local/isolation/loopback';
import { accessSection, tryAccess } from '../../../local/verify/access';
import { scratchFolder } from '../scratch-folder';
import { storeSoftware } from '../software';


const folder = scratchFolder();
const ENVIRONMENT = { partition: 'aws', region: 'us-east-1', account: '111111111111' };
const ENVIRONMENT_OF_AIRFLOW = {
  AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER: 's3://logs/airflow',
  AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: JSON.stringify([{ classpath: 'airflow.providers.amazon.aws.bundles.s3.S3DagBundle', kwargs: { bucket_name: 'dags', prefix: 'main/' } }]),
};
const keys = new AccessKeys();
const denials = new Denials(join(folder, 'logs'));
let iam: Iam;
let isolation: Loopback;
let api: AwsApi;
let secrets: Record<'broker' | 'jwt', string>;

beforeAll(async () => {
  const { python, services } = await storeSoftware();
  isolation = await Loopback.create(python.executable);
  const gate = new Gate(keys, iam = new Iam(ENVIRONMENT), denials);
  api = await AwsApi.start({ ...ENVIRONMENT, gate, isolation, python, venv: services, stateFolder: join(folder, 'state'), runFolder: join(folder, 'run'), logFolder: join(folder, 'logs') });
  const { s3, secretsManager } = operator();
  for (const Bucket of ['logs', 'dags']) await s3.send(new CreateBucketCommand({ Bucket }));
  const create = async (Name: string, SecretString?: string) => (await secretsManager.send(new CreateSecretCommand({ Name, SecretString }))).ARN!;
  secrets = { broker: await create('broker', 'x'), jwt: await create('jwt') };

  const grant = (role: string, Action: string[], Resource: string, Condition?: object) =>
    iam.attachPolicy(role, parsePolicy(`${role} ${Resource}`, { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, ...Condition && { Condition } }] }));
  grant('worker-execution', ['secretsmanager:GetSecretValue'], secrets.broker);
  grant('web-server-execution', ['secretsmanager:GetSecretValue'], secrets.jwt);
  grant('worker-task', ['secretsmanager:GetSecretValue'], await create('of-a-dag', 'x')); // no container gets it
  grant('worker-task', ['s3:ListBucket'], 'arn:aws:s3:::*');
  grant('worker-task', ['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::logs/airflow/*');
  grant('worker-task', ['s3:GetObject'], 'arn:aws:s3:::dags/main/*');
  grant('web-server-task', ['s3:ListBucket'], 'arn:aws:s3:::logs', { StringLike: { 's3:prefix': 'airflow/*' } });
  grant('web-server-task', ['s3:GetObject'], 'arn:aws:s3:::logs/airflow/*');
});
afterAll(async () => {
  await api.stop();
  await isolation.close();
});

const store = () => ({ endpoint: api.endpoint, region: ENVIRONMENT.region });

function operator() {
  const options = { ...store(), credentials: keys.operator };
  return { s3: new S3Client({ ...options, forcePathStyle: true }), secretsManager: new SecretsManagerClient(options) };
}

function task(name: string, command: string, secret: string): TaskDefinition {
  const role = (kind: string) => `arn:aws:iam::111111111111:role/${name}-${kind}`;
  return {
    arn: name,
    logicalId: name,
    family: name,
    cpu: 1,
    memory: 1,
    taskRoleArn: role('task'),
    executionRoleArn: role('execution'),
    containers: [{
      name,
      image: '',
      essential: true,
      command: command.split(' '),
      environment: ENVIRONMENT_OF_AIRFLOW,
      secrets: { SECRET: `${secret}:field::` },
      portMappings: [],
      dependsOn: [],
      stopTimeout: 1,
      readonlyRootFilesystem: true,
      tmpfs: [],
      mountPoints: [],
    }],
  };
}

const definitions = () => [task('worker', 'celery worker --queues a', secrets.broker), task('web-server', 'api-server --proxy-headers', secrets.jwt)];

async function differences(): Promise<readonly string[]> {
  return accessSection(await tryAccess(definitions(), store(), keys)).differences;
}

test('every role is asked for every secret and every place, and reaches what its containers need', async () => {
  const trials = await tryAccess(definitions(), store(), keys);
  const { lines } = accessSection(trials);

  expect(await differences()).toEqual([]);
  // 4 roles, each: 2 secrets, 5 operations in 2 places, 3 elsewhere in 2 buckets
  expect(trials).toHaveLength(4 * (2 + 2 * 5 + 2 * 3));
  expect(lines).toEqual([
    'worker, task role           secrets 0/2  logs: list, list all, read, write  DAG files: list, list all, read',
    'web-server, task role       secrets 0/2  logs: list, read  DAG files: -',
    'worker, execution role      secrets 1/2  logs: -  DAG files: -',
    'web-server, execution role  secrets 1/2  logs: -  DAG files: -',
    '72 requests tried',
  ]);
});

test('says what is missing, and what is too much', async () => {
  const before = iam;
  const extra = (role: string, Effect: string, Action: string, Resource: string) =>
    before.attachPolicy(role, parsePolicy('extra', { Version: '2012-10-17', Statement: [{ Effect, Action, Resource }] }));
  extra('worker-execution', 'Allow', 'secretsmanager:*', '*');
  extra('worker-task', 'Deny', 's3:PutObject', '*');
  extra('web-server-task', 'Allow', 's3:DeleteObject', 'arn:aws:s3:::logs/*');

  expect(await differences()).toEqual([
    'worker (task role) cannot write s3://logs/airflow/, which it has to',
    'web-server (task role) can delete s3://logs/airflow/, which it does not have to',
    'web-server (task role) can delete s3://logs/serverless-airflow-verify/, which it does not have to',
    'worker (execution role) can read jwt, which it does not have to',
  ]);
});

test('leaves nothing behind: no object, and no line in anybody\'s log', async () => {
  const { s3 } = operator();
  const objects = await Promise.all(['logs', 'dags'].map(async Bucket => (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []));

  expect(objects).toEqual([[], []]);
  expect(denials.list()).toEqual([]);
});
