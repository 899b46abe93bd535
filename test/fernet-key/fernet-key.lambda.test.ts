import { DescribeSecretCommand, PutSecretValueCommand, ResourceExistsException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../src/fernet-key/fernet-key.lambda';
import { CustomResourceServer } from '../custom-resource/custom-resource-server';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:FernetKey-AbCdEf';
const PROPERTIES = { SecretArn: SECRET_ARN };
const PHYSICAL_ID = `fernet:${SECRET_ARN}`;
const KEY = /[A-Za-z0-9_-]{43}=/;

const secretsManager = mockClient(SecretsManagerClient);
let cloudFormation: CustomResourceServer;
/** Values of the secret by version, as Secrets Manager keeps them. */
let versions: Map<string, string>;
let logged: string;

afterAll(() => {
  secretsManager.restore();
});

beforeEach(async () => {
  cloudFormation = await CustomResourceServer.start();
  versions = new Map();
  logged = '';
  for (const method of ['log', 'error'] as const) {
    jest.spyOn(console, method).mockImplementation((...values) => { logged += values.join(' '); });
  }
  secretsManager.reset();
  secretsManager.on(DescribeSecretCommand, { SecretId: SECRET_ARN })
    .callsFake(() => ({ VersionIdsToStages: Object.fromEntries([...versions.keys()].map(version => [version, ['AWSCURRENT']])) }));
  secretsManager.on(PutSecretValueCommand, { SecretId: SECRET_ARN }).callsFake(({ ClientRequestToken, SecretString }) => {
    if (versions.has(ClientRequestToken)) {
      throw new ResourceExistsException({ message: 'a version with this token exists', $metadata: {} });
    }
    versions.set(ClientRequestToken, SecretString);
    return {};
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await cloudFormation.stop();
});

const values = () => [...versions.values()];

describe('Create', () => {
  test('writes 32 random bytes as padded url-safe base64', async () => {
    await handler(cloudFormation.event(PROPERTIES));

    expect(values()).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{43}=$/)]);
    expect(Buffer.from(values()[0], 'base64url')).toHaveLength(32);
    expect(cloudFormation.answers).toEqual([{
      Status: 'SUCCESS',
      PhysicalResourceId: PHYSICAL_ID,
      StackId: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Airflow/1',
      RequestId: '6b1f5d1e-0000-4000-8000-000000000001',
      LogicalResourceId: 'Resource',
      NoEcho: true,
      Data: {},
    }]);
  });

  test('writes another key into every secret', async () => {
    await handler(cloudFormation.event(PROPERTIES));
    const [first] = values();
    versions.clear();

    await handler(cloudFormation.event(PROPERTIES));

    expect(values()[0]).not.toBe(first);
  });

  test('keeps a key that exists', async () => {
    versions.set('earlier', 'the key');

    await handler(cloudFormation.event(PROPERTIES));

    expect(values()).toEqual(['the key']);
    expect(cloudFormation.last.Status).toBe('SUCCESS');
  });

  test('takes a version that is not current for none', async () => {
    secretsManager.on(DescribeSecretCommand).resolves({ VersionIdsToStages: { old: ['AWSPREVIOUS'] } });

    await handler(cloudFormation.event(PROPERTIES));

    expect(values()).toHaveLength(1);
  });

  test('is delivered twice: one key', async () => {
    await handler(cloudFormation.event(PROPERTIES));
    const [key] = values();

    await handler(cloudFormation.event(PROPERTIES));

    expect(values()).toEqual([key]);
    expect(cloudFormation.answers.map(answer => answer.Status)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  test('is delivered twice and the description does not show the first key yet: one key', async () => {
    secretsManager.on(DescribeSecretCommand).resolves({});
    await handler(cloudFormation.event(PROPERTIES));
    const [key] = values();

    await handler(cloudFormation.event(PROPERTIES));

    expect(values()).toEqual([key]);
    expect(cloudFormation.last.Status).toBe('SUCCESS');
  });
});

describe('Update', () => {
  const update = { RequestType: 'Update', RequestId: '6b1f5d1e-0000-4000-8000-000000000002', PhysicalResourceId: PHYSICAL_ID } as const;

  test('keeps the key and the physical id', async () => {
    await handler(cloudFormation.event(PROPERTIES));
    const [key] = values();

    await handler(cloudFormation.event(PROPERTIES, update));

    expect(values()).toEqual([key]);
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
  });

  test('writes a key if there is none', async () => {
    await handler(cloudFormation.event(PROPERTIES, update));

    expect(values()).toEqual([expect.stringMatching(KEY)]);
  });

  test('is rolled back by a second update: the key stays', async () => {
    await handler(cloudFormation.event(PROPERTIES));
    const [key] = values();

    await handler(cloudFormation.event(PROPERTIES, update));
    await handler(cloudFormation.event(PROPERTIES, { ...update, RequestId: '6b1f5d1e-0000-4000-8000-000000000003' }));

    expect(values()).toEqual([key]);
    expect(new Set(cloudFormation.answers.map(answer => answer.PhysicalResourceId))).toEqual(new Set([PHYSICAL_ID]));
  });
});

describe('Delete', () => {
  test('touches nothing', async () => {
    await handler(cloudFormation.event(PROPERTIES, { RequestType: 'Delete', PhysicalResourceId: PHYSICAL_ID }));

    expect(secretsManager.calls()).toHaveLength(0);
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: PHYSICAL_ID });
  });

  test('of a Create that never answered echoes the id that CloudFormation made up', async () => {
    await handler(cloudFormation.event(PROPERTIES, { RequestType: 'Delete', PhysicalResourceId: 'Airflow-FernetKey-1A2B3C' }));

    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'Airflow-FernetKey-1A2B3C' });
  });
});

describe('failure', () => {
  test('fails with the name of the error alone', async () => {
    secretsManager.on(PutSecretValueCommand).callsFake(({ SecretString }) => {
      throw Object.assign(new Error(`not allowed to put ${SecretString}`), { name: 'AccessDeniedException' });
    });

    await handler(cloudFormation.event(PROPERTIES));

    expect(cloudFormation.last).toMatchObject({ Status: 'FAILED', Reason: 'AccessDeniedException', PhysicalResourceId: PHYSICAL_ID });
  });

  test('fails if the secret cannot be described, and writes nothing', async () => {
    secretsManager.on(DescribeSecretCommand).rejects(Object.assign(new Error('gone'), { name: 'ResourceNotFoundException' }));

    await handler(cloudFormation.event(PROPERTIES));

    expect(values()).toEqual([]);
    expect(cloudFormation.last).toMatchObject({ Status: 'FAILED', Reason: 'ResourceNotFoundException' });
  });

  test('fails the invocation if CloudFormation does not take the answer, so that Lambda delivers the request again', async () => {
    cloudFormation.status = 403;

    await expect(handler(cloudFormation.event(PROPERTIES))).rejects.toThrow("CloudFormation's response URL answered 403");
  });
});

test('sends no content type: the response URL is signed for none', async () => {
  await handler(cloudFormation.event(PROPERTIES));

  expect(cloudFormation.contentTypes).toEqual(['']);
});

test('neither the key nor the response URL is answered or logged', async () => {
  await handler(cloudFormation.event(PROPERTIES));
  secretsManager.on(PutSecretValueCommand).callsFake(({ SecretString }) => { throw new Error(`boom ${SecretString}`); });
  versions.clear();
  await handler(cloudFormation.event(PROPERTIES));

  const visible = JSON.stringify(cloudFormation.answers) + logged;
  expect(logged).toContain('6b1f5d1e-0000-4000-8000-000000000001');
  expect(visible).not.toMatch(KEY);
  expect(visible).not.toContain('SIGNATURE');
});
