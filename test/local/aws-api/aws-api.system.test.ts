import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import {
  CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateSecretCommand, DeleteSecretCommand, GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AwsApi } from '../../../local/aws-api/aws-api';
import { ecsService } from '../../../local/aws-api/services';
import { AccessKeys } from '../../../local/iam/access-keys';
import { Denials } from '../../../local/iam/denials';
import { Gate } from '../../../local/iam/gate';
import { Iam } from '../../../local/iam/iam';
import { Loopback } from '../../../local/isolation/loopback';
import { processes } from '../../../tools/processes';
import { scratchFolder } from '../scratch-folder';
import { storeSoftware } from '../software';
import { until } from '../until';

const folder = scratchFolder();
const stateFolder = join(folder, 'state');
const REGION = 'eu-central-1';
const ENVIRONMENT = { partition: 'aws', region: REGION, account: '111122223333' };
const BUCKET = 'logs';
let software: Awaited<ReturnType<typeof storeSoftware>>;
let isolation: Loopback;
let api: AwsApi;
let s3: S3Client;
let secrets: SecretsManagerClient;
let ecs: ECSClient;

async function start(): Promise<void> {
  isolation = await Loopback.create(software.python.executable);
  const accessKeys = new AccessKeys();
  const gate = new Gate(accessKeys, new Iam(ENVIRONMENT), new Denials(join(folder, 'logs')));
  api = await AwsApi.start({
    ...ENVIRONMENT, gate, isolation, python: software.python, venv: software.services, stateFolder, runFolder: join(folder, 'run'), logFolder: join(folder, 'logs'),
  });
  const client = { endpoint: api.endpoint, region: REGION, credentials: accessKeys.operator };
  s3 = new S3Client({ ...client, forcePathStyle: true });
  secrets = new SecretsManagerClient(client);
  ecs = new ECSClient(client);
}

async function stop(): Promise<void> {
  await api.stop();
  await isolation.close();
}

/** As `down` and `up`: nothing but the state folder is left in between. */
async function restart(): Promise<void> {
  await stop();
  await start();
}

async function put(key: string, body: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}

async function get(key: string): Promise<string> {
  return (await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }))).Body!.transformToString();
}

async function keys(): Promise<string[]> {
  return ((await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents ?? []).map(({ Key }) => Key!);
}

beforeAll(async () => {
  software = await storeSoftware();
  await start();
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }));
});
afterAll(stop);

describe('S3', () => {
  const log = 'dag_id=orders/run_id=manual__2026-11-25T04:44:02+00:00/task_id=load/attempt=1.log';

  test('objects are plain files that only the user can read', async () => {
    await put(log, 'a task log');

    expect(readFileSync(join(stateFolder, 's3', BUCKET, log), 'utf-8')).toBe('a task log');
    expect(statSync(join(stateFolder, 's3', BUCKET, log)).mode % 0o1000).toBe(0o600);
    expect(statSync(join(stateFolder, 's3')).mode % 0o1000).toBe(0o700);
  });

  test('objects survive a restart, whatever their keys', async () => {
    const odd = ['100%/50% off', 'a//b/', '../outside', './here', 'with space+plus'];
    for (const key of odd) {
      await put(key, `content of ${key}`);
    }
    await restart();

    expect(await keys()).toEqual(expect.arrayContaining([...odd, log]));
    expect(await Promise.all(odd.map(get))).toEqual(odd.map(key => `content of ${key}`));
    expect(existsSync(join(stateFolder, 's3', 'outside'))).toBe(false);
  });

  test('deleted and overwritten objects stay so', async () => {
    for (const key of ['one/1', 'several/1', 'several/2', 'kept']) {
      await put(key, 'old');
    }
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'one/1' }));
    await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: 'several/1' }, { Key: 'several/2' }] } }));
    await put('kept', 'new');
    expect(readdirSync(join(stateFolder, 's3', BUCKET))).not.toEqual(expect.arrayContaining(['one', 'several']));
    await restart();

    expect((await keys()).filter(key => /^(one|several|kept)/.test(key))).toEqual(['kept']);
    expect(await get('kept')).toBe('new');
  });

  test('a key that begins another one\'s path is an object like others', async () => {
    await put('data', 'file first');
    await put('data/x.csv', 'below');
    await put('late/x.csv', 'below');
    await put('late', 'folder first');
    await put('gone', 'old');
    await put('gone/x.csv', 'below');
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gone/x.csv' }));
    await put('gone', 'new');
    await put('deleted', 'old');
    await put('deleted/x.csv', 'below');
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'deleted' }));
    await restart();

    const odd = ['data', 'data/x.csv', 'late', 'late/x.csv', 'gone', 'deleted/x.csv'];
    expect((await keys()).filter(key => /^(data|late|gone|deleted)/.test(key)).sort()).toEqual([...odd].sort());
    expect(await Promise.all(odd.map(get))).toEqual(['file first', 'below', 'folder first', 'below', 'new', 'below']);
  });

  test('a removed bucket is gone', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'short-lived', CreateBucketConfiguration: { LocationConstraint: REGION } }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }));

    expect(readdirSync(join(stateFolder, 's3'))).toEqual([BUCKET]);
  });
});

describe('Secrets Manager', () => {
  test('secrets survive a restart with their version, in files that only the user can read', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'airflow/key', SecretString: 'first' }));
    const { VersionId } = await secrets.send(new PutSecretValueCommand({ SecretId: 'airflow/key', SecretString: 'second' }));
    await restart();

    expect(await secrets.send(new GetSecretValueCommand({ SecretId: 'airflow/key' }))).toMatchObject({ SecretString: 'second', VersionId });
    expect(statSync(join(stateFolder, 'secrets', 'airflow%2Fkey.json')).mode % 0o1000).toBe(0o600);
  });

  test('a secret without a value keeps having none', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'empty' }));
    await restart();

    await expect(secrets.send(new GetSecretValueCommand({ SecretId: 'empty' }))).rejects.toThrow("can't find the specified secret value");
  });

  test('a deleted secret is gone', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'unwanted', SecretString: 'x' }));
    await secrets.send(new DeleteSecretCommand({ SecretId: 'unwanted', ForceDeleteWithoutRecovery: true }));

    expect(readdirSync(join(stateFolder, 'secrets'))).not.toContain('unwanted.json');
  });
});

test('a server that is killed comes back with all that it knew, and is named; requests wait for it', async () => {
  await put('before', 'the end');
  expect(api.news()).toEqual([]);
  const [{ pid }] = processes().filter(({ command }) => command.includes(`unix://${join(folder, 'run', 'aws', 'moto.sock')}`) && !command.includes('supervisor.py'));
  process.kill(pid, 'SIGKILL');
  await until('it is named', () => api.news().length > 0);

  expect(await get('before')).toBe('the end');
  expect(api.news()).toEqual(['the local AWS API (moto) runs again (started again 1 times, the last time because it ended with exit code 137)']);
});

describe('ECS', () => {
  test('its requests are answered by the engine', async () => {
    api.serve('ecs', ecsService(
      { handle: async (target, body) => ({ statusCode: 200, body: JSON.stringify({ tasks: [{ taskArn: `${target} ${body}` }] }) }) },
      { taskDefinition: () => undefined },
      ENVIRONMENT,
    ));
    const { tasks } = await ecs.send(new RunTaskCommand({ taskDefinition: 'family' }));

    expect(tasks).toEqual([{ taskArn: expect.stringMatching(/^AmazonEC2ContainerServiceV20141113.RunTask \{.*"taskDefinition":"family"/) }]);
  });
});
