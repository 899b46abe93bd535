import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTasksCommand, ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import {
  CopyObjectCommand, CreateBucketCommand, DeleteObjectsCommand, GetBucketPolicyCommand, GetObjectCommand, HeadBucketCommand, HeadObjectCommand,
  ListObjectsV2Command, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AwsApi } from '../../../local/aws-api/aws-api';
import { ecsService } from '../../../local/aws-api/services';
import { AccessKeys, type AccessKey } from '../../../local/iam/access-keys';
import { Denials } from '../../../local/iam/denials';
import { Gate } from '../../../local/iam/gate';
import { Iam } from '../../../local/iam/iam';
import { parsePolicy } from '../../../local/iam/policy';
import { Loopback } from '../../../local/isolation/loopback';
import { scratchFolder } from '../scratch-folder';
import { storeSoftware } from '../software';

const folder = scratchFolder();
const ENVIRONMENT = { partition: 'aws', region: 'us-east-1', account: '111111111111' };
const ROLE = 'arn:aws:iam::111111111111:role/worker';
const CLUSTER = 'arn:aws:ecs:us-east-1:111111111111:cluster/airflow';
const TASK_DEFINITION = 'arn:aws:ecs:us-east-1:111111111111:task-definition/migration:1';
const keys = new AccessKeys();
const iam = new Iam(ENVIRONMENT);
const denials = new Denials(join(folder, 'logs'));
let isolation: Loopback;
let api: AwsApi;
let secretArn: string;
let operator: ReturnType<typeof clients>;
let worker: ReturnType<typeof clients>;

function clients(credentials: Partial<AccessKey>) {
  const options = { endpoint: api.endpoint, region: ENVIRONMENT.region, credentials: { accessKeyId: '', secretAccessKey: '', ...credentials }, maxAttempts: 1 };
  return {
    s3: new S3Client({ ...options, forcePathStyle: true }),
    secrets: new SecretsManagerClient(options),
    ecs: new ECSClient(options),
    cloudFormation: new CloudFormationClient(options),
  };
}

/** Name, status and message of the error that a request ends with. */
async function denied(request: Promise<unknown>): Promise<[string, number, string]> {
  const { name, message, $metadata } = await request.then(() => { throw new Error('it was allowed'); }, error => error);
  if (!$metadata) throw new Error(message);
  return [name, $metadata.httpStatusCode, message];
}

const message = (action: string, resource: string) =>
  `User: arn:aws:sts::111111111111:assumed-role/worker/task is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

beforeAll(async () => {
  const { python, services } = await storeSoftware();
  isolation = await Loopback.create(python.executable);
  api = await AwsApi.start({
    ...ENVIRONMENT, gate: new Gate(keys, iam, denials), isolation, python, venv: services, stateFolder: join(folder, 'state'), runFolder: join(folder, 'run'), logFolder: join(folder, 'logs'),
  });
  api.serve('ecs', ecsService(
    { handle: async target => ({ statusCode: 200, body: JSON.stringify({ tasks: [{ taskArn: target }], failures: [] }) }) },
    { taskDefinition: () => ({ arn: TASK_DEFINITION, taskRoleArn: 'arn:task-role', executionRoleArn: 'arn:execution-role' }) },
    ENVIRONMENT,
  ));
  operator = clients(keys.operator);
  worker = clients(keys.issue(ROLE, 'task', 'worker').key);
  for (const Bucket of ['logs', 'dags']) {
    await operator.s3.send(new CreateBucketCommand({ Bucket }));
    await operator.s3.send(new PutObjectCommand({ Bucket, Key: 'mine/a b+c', Body: 'content' }));
    await operator.s3.send(new PutObjectCommand({ Bucket, Key: 'other/a', Body: 'content' }));
  }
  secretArn = (await operator.secrets.send(new CreateSecretCommand({ Name: 'key', SecretString: 'value' }))).ARN!;
  await operator.secrets.send(new CreateSecretCommand({ Name: 'other', SecretString: 'value' }));
  const trustPolicy = parsePolicy('trust', { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } } }, ROLE);
  iam.createRole({ arn: ROLE, trustPolicy, policies: [], managedPolicies: [] });
  iam.attachPolicy('worker', parsePolicy('p', {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::logs/mine/*' },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::logs', Condition: { StringLike: { 's3:prefix': 'mine/*' } } },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::dags' },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::dags/*' },
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secretArn },
      { Effect: 'Allow', Action: 'ecs:*', Resource: '*', Condition: { ArnEquals: { 'ecs:cluster': CLUSTER } } },
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:task-role' },
    ],
  }));
});
afterAll(async () => {
  await api.stop();
  await isolation.close();
});

describe('S3', () => {
  test('does what the role\'s policies allow', async () => {
    await worker.s3.send(new PutObjectCommand({ Bucket: 'logs', Key: 'mine/dag_id=x/run+1 ü', Body: 'written' }));
    const { Contents } = await worker.s3.send(new ListObjectsV2Command({ Bucket: 'logs', Prefix: 'mine/', Delimiter: '#' }));
    const { Body } = await worker.s3.send(new GetObjectCommand({ Bucket: 'logs', Key: 'mine/a b+c' }));
    await worker.s3.send(new HeadBucketCommand({ Bucket: 'dags' }));
    await worker.s3.send(new CopyObjectCommand({ Bucket: 'logs', Key: 'mine/copy', CopySource: 'dags/other/a' }));

    expect(Contents!.map(({ Key }) => Key)).toEqual(['mine/a b+c', 'mine/dag_id=x/run+1 ü']);
    expect(await Body!.transformToString()).toBe('content');
  });

  test.each<[string, () => Promise<unknown>, string, string]>([
    ['another object', () => worker.s3.send(new GetObjectCommand({ Bucket: 'logs', Key: 'other/a' })), 's3:GetObject', 'arn:aws:s3:::logs/other/a'],
    ['another prefix', () => worker.s3.send(new ListObjectsV2Command({ Bucket: 'logs', Prefix: 'other/' })), 's3:ListBucket', 'arn:aws:s3:::logs'],
    ['all objects', () => worker.s3.send(new ListObjectsV2Command({ Bucket: 'logs' })), 's3:ListBucket', 'arn:aws:s3:::logs'],
    ['a bucket to write to', () => worker.s3.send(new PutObjectCommand({ Bucket: 'dags', Key: 'mine/x', Body: 'x' })), 's3:PutObject', 'arn:aws:s3:::dags/mine/x'],
    ['a copy of what it may not read', () => worker.s3.send(new CopyObjectCommand({ Bucket: 'logs', Key: 'mine/x', CopySource: 'logs/other/a' })), 's3:GetObject', 'arn:aws:s3:::logs/other/a'],
    ['several deletions', () => worker.s3.send(new DeleteObjectsCommand({ Bucket: 'logs', Delete: { Objects: [{ Key: 'mine/copy' }] } })), 's3:DeleteObject', 'arn:aws:s3:::logs/mine/copy'],
  ])('refuses %s', async (_, request, action, resource) => {
    expect(await denied(request())).toEqual(['AccessDenied', 403, message(action, resource)]);
  });

  test('refuses an operation of which nobody knows what it needs', async () => {
    expect(await denied(worker.s3.send(new GetBucketPolicyCommand({ Bucket: 'dags' })))).toEqual([
      'AccessDenied', 403, 'User: arn:aws:sts::111111111111:assumed-role/worker/task is not authorized to perform: s3:GET /dags/?policy= on resource: * [local: it is not known here what this operation needs]',
    ]);
  });

  test('says that an object is missing only to who may list', async () => {
    const head = (Bucket: string) => worker.s3.send(new HeadObjectCommand({ Bucket, Key: 'mine/absent' }));

    expect((await denied(head('dags'))).slice(0, 2)).toEqual(['NotFound', 404]);
    expect((await denied(head('logs')))[1]).toBe(403);
    expect(await denied(worker.s3.send(new GetObjectCommand({ Bucket: 'logs', Key: 'mine/absent' })))).toEqual(['AccessDenied', 403, message('s3:ListBucket', 'arn:aws:s3:::logs')]);
  });

  test('takes the bucket from the host name as well', async () => {
    const send = (host: string, Key: string) => {
      const client = clients(keys.issue(ROLE, 'task').key).s3;
      client.middlewareStack.add(next => async args => {
        const request = args.request as { headers: Record<string, string>; path: string };
        request.headers.host = host;
        request.path = request.path.replace('/logs', '');
        return next(args);
      }, { step: 'build', priority: 'low' });
      return client.send(new GetObjectCommand({ Bucket: 'logs', Key }));
    };

    expect(await (await send('logs.s3.us-east-1.amazonaws.com', 'mine/a b+c')).Body!.transformToString()).toBe('content');
    expect((await denied(send('logs.s3.us-east-1.amazonaws.com', 'other/a')))[2]).toBe(message('s3:GetObject', 'arn:aws:s3:::logs/other/a'));
  });
});

test('Secrets Manager gives the one secret, by ARN or name', async () => {
  const get = (SecretId: string) => worker.secrets.send(new GetSecretValueCommand({ SecretId }));

  expect((await get(secretArn)).SecretString).toBe('value');
  expect((await get('key')).SecretString).toBe('value');
  expect(await denied(get('other'))).toEqual(['AccessDeniedException', 400, expect.stringMatching(/is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:111111111111:secret:other-/)]);
  expect((await denied(worker.secrets.send(new ListSecretsCommand({}))))[2]).toContain('it is not known here what this operation needs');
});

test('ECS runs a task only for who may pass its roles, and in the one cluster', async () => {
  expect(await denied(worker.ecs.send(new RunTaskCommand({ cluster: CLUSTER, taskDefinition: 'migration' })))).toEqual(
    ['AccessDeniedException', 400, message('iam:PassRole', 'arn:execution-role')],
  );
  expect((await denied(worker.ecs.send(new DescribeTasksCommand({ cluster: 'other', tasks: ['id'] }))))[0]).toBe('AccessDeniedException');
  expect((await worker.ecs.send(new DescribeTasksCommand({ cluster: 'airflow', tasks: ['id'] }))).failures).toEqual([]);
});

test('CloudFormation answers in its own protocol', async () => {
  expect(await denied(worker.cloudFormation.send(new DescribeStacksCommand({ StackName: 'Airflow' })))).toEqual(
    ['AccessDenied', 403, message('cloudformation:DescribeStacks', 'arn:aws:cloudformation:us-east-1:111111111111:stack/Airflow/*')],
  );
});

describe('a key', () => {
  test.each<[string, (key: AccessKey) => Partial<AccessKey>, string]>([
    ['that nobody has issued', key => ({ ...key, accessKeyId: 'ASIA0123456789ABCDEF' }), 'InvalidAccessKeyId'],
    ['with another secret', key => ({ ...key, secretAccessKey: 'guessed' }), 'SignatureDoesNotMatch'],
    ['without its session token', ({ accessKeyId, secretAccessKey }) => ({ accessKeyId, secretAccessKey }), 'SignatureDoesNotMatch'],
    ['with the token of another session', key => ({ ...key, sessionToken: keys.issue(ROLE, 'other').key.sessionToken }), 'SignatureDoesNotMatch'],
  ])('%s opens nothing, be it the operator\'s', async (_, change, code) => {
    for (const key of [keys.issue(ROLE, 'task').key, keys.operator]) {
      expect((await denied(clients(change(key)).s3.send(new GetObjectCommand({ Bucket: 'logs', Key: 'mine/a b+c' })))).slice(0, 2)).toEqual([code, 403]);
    }
    expect((await denied(clients(change(keys.operator)).secrets.send(new GetSecretValueCommand({ SecretId: 'key' }))))[1]).toBe(400);
  });

  /** A request that was signed for another path, with other headers, or with nothing at all. */
  async function replay(change: (request: { path: string; headers: Record<string, string>; body?: string }) => void, service: 's3' | 'secrets' = 's3') {
    interface Sent { path: string; query?: Record<string, string>; method: string; headers: Record<string, string>; body?: string }
    type Middleware = (next: (args: { request: Sent }) => unknown) => (args: { request: Sent }) => unknown;
    let sent!: Sent;
    const { s3, secrets } = clients(keys.issue(ROLE, 'task').key);
    const stack = { s3, secrets }[service].middlewareStack as unknown as { add(middleware: Middleware, options: object): void };
    stack.add(next => args => {
      sent = args.request;
      return next(args);
    }, { step: 'finalizeRequest', priority: 'low' });
    await (service === 's3' ? s3.send(new GetObjectCommand({ Bucket: 'logs', Key: 'mine/a b+c' })) : secrets.send(new GetSecretValueCommand({ SecretId: 'key' })));
    sent.path += Object.entries(sent.query ?? {}).map(([name, value]) => `?${name}=${value}`).join('');
    change(sent);
    const { path, method, headers, body } = sent;
    const { hostname, port } = new URL(api.endpoint);
    return new Promise<[number, string]>((done, fail) => {
      httpRequest({ hostname, port, path, method, headers }, response => void text(response).then(answer => done([response.statusCode!, answer]), fail)).on('error', fail).end(body);
    });
  }

  test('signs one request, not others', async () => {
    expect((await replay(() => {}))[0]).toBe(200);
    expect(await replay(request => { request.path = '/logs/mine/copy?x-id=GetObject'; })).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    expect(await replay(request => { request.path += '&versionId=1'; })).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    expect(await replay(request => { request.headers['x-amz-date'] = '20200101T000000Z'; })).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    expect(await replay(request => { request.headers.authorization = request.headers.authorization.replace('/s3/', '/iam/'); })).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    expect(await replay(request => { delete request.headers.authorization; })).toEqual([403, expect.stringContaining('has no signature')]);
    expect((await replay(() => {}, 'secrets'))[0]).toBe(200);
    expect(await replay(request => { request.body = String(request.body).replace('key', 'KEY'); }, 'secrets')).toEqual([400, expect.stringContaining('InvalidSignature')]);
  });
});

test('what was refused is remembered once for each action and bucket, with its component, and stands in the component\'s log', async () => {
  const request = (Key: string) => worker.s3.send(new GetObjectCommand({ Bucket: 'twice', Key }));
  await denied(request('a/b'));
  await denied(request('c'));
  await denied(worker.s3.send(new PutObjectCommand({ Bucket: 'twice', Key: 'a/b', Body: 'x' })));

  expect(denials.list()).toContainEqual({
    component: 'worker', action: 's3:GetObject', resource: 'arn:aws:s3:::twice/a/b', reason: 'because no identity-based policy allows the s3:GetObject action', count: 2,
  });
  const lines = readFileSync(join(folder, 'logs/worker/iam.log'), 'utf-8').trim().split('\n');
  expect(lines.filter(line => line.includes(':::twice/'))).toEqual([expect.stringContaining('s3:GetObject on resource: arn:aws:s3:::twice/a/b'), expect.stringContaining('s3:PutObject')]);
  expect(lines).toContainEqual(expect.stringMatching(/^2\S+Z User: arn:aws:sts::111111111111:assumed-role\/worker\/task is not authorized/));
  expect(new Set(denials.list().map(({ component }) => component))).toEqual(new Set(['worker'])); // sessions without a component are not recorded
});
