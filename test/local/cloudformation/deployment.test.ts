import { failure, stackOf, TestCloud } from './support';
import { DeploymentError } from '../../../local/cloudformation';
import { UserError } from '../../../local/errors';
import { until } from '../until';

let test: TestCloud;
beforeEach(async () => {
  test = await TestCloud.start();
});
afterEach(() => test.stop());

const resource = (...dependsOn: string[]) => ({ Type: 'Test::Resource', DependsOn: dependsOn });
const created = { ref: 'ref', attributes: {} };

describe('a deployment', () => {
  it('makes a resource after what it depends on, and independent ones at the same time', async () => {
    const running = new Set<string>();
    const together: string[][] = [];
    const handler = async ({ logicalId }: { logicalId: string }) => {
      running.add(logicalId);
      await new Promise(done => setTimeout(done, 20));
      together.push([...running].sort());
      running.delete(logicalId);
      return created;
    };

    await test.deploy(stackOf({ Last: resource('Left', 'Right'), Left: resource('First'), Right: resource('First'), First: resource() }), { resourceType: () => ({ create: handler }) });

    expect(together[0]).toEqual(['First']);
    expect(together[1]).toEqual(['Left', 'Right']);
    expect(together.at(-1)).toEqual(['Last']);
  });

  it('reports begin and end of each resource with its construct path', async () => {
    await test.deploy(stackOf({ A: resource() }, { paths: new Map([['A', 'Test/Construct/A']]) }), { resourceType: () => ({ create: () => created }) });

    expect(test.events).toEqual([
      { logicalId: 'A', type: 'Test::Resource', path: 'Test/Construct/A', status: 'CREATE_IN_PROGRESS' },
      { logicalId: 'A', type: 'Test::Resource', path: 'Test/Construct/A', physicalId: 'ref', status: 'CREATE_COMPLETE', seconds: expect.any(Number) },
    ]);
  });

  it('fails with the first failure, and begins nothing afterwards', async () => {
    const begun: string[] = [];
    let finishSlow!: () => void;
    const slow = new Promise<void>(done => finishSlow = done);
    const handler = async ({ logicalId }: { logicalId: string }) => {
      begun.push(logicalId);
      if (logicalId === 'Slow') {
        await slow;
      }
      if (logicalId === 'Broken') {
        throw new UserError('no disk');
      }
      return created;
    };
    const deployment = test.deploy(stackOf({ Broken: resource(), Slow: resource(), AfterBroken: resource('Broken'), AfterSlow: resource('Slow') }), { resourceType: () => ({ create: handler }) });

    await until('it fails', async () => test.events.some(({ status }) => status === 'CREATE_FAILED'));
    finishSlow(); // what is in progress is waited for

    await expect(deployment).rejects.toThrow(DeploymentError);
    await expect(deployment).rejects.toThrow('Broken (Test::Resource): no disk');
    expect(begun).toEqual(['Broken', 'Slow']);
    expect(test.events.filter(({ status }) => status === 'CREATE_FAILED')).toEqual([expect.objectContaining({ logicalId: 'Broken', reason: 'no disk' })]);
  });

  it('begins nothing more when it is aborted', async () => {
    const controller = new AbortController();
    const handler = () => {
      controller.abort();
      return created;
    };

    await expect(test.deploy(stackOf({ A: resource(), B: resource('A') }), { resourceType: () => ({ create: handler }), signal: controller.signal })).rejects.toThrow('aborted');

    expect(test.events.map(({ logicalId }) => logicalId)).not.toContain('B');
  });

  it('gives resolved outputs, and lists what is not realised with its meaning', async () => {
    const deployment = await test.deploy(stackOf(
      { Cluster: { Type: 'AWS::ECS::Cluster' }, Thing: { Type: 'AWS::Some::Thing' }, Vpc: { Type: 'AWS::EC2::VPC' } },
      { template: { Outputs: { Url: { Value: { 'Fn::Sub': 'x/${Cluster}' } } } } },
    ));

    expect(deployment.outputs).toEqual({ Url: expect.stringMatching(/^x\/Test-Cluster-[0-9A-F]{12}$/) });
    expect(deployment.realised).toEqual([{ logicalId: 'Cluster', type: 'AWS::ECS::Cluster' }]);
    expect(deployment.notRealised).toEqual([
      { logicalId: 'Thing', type: 'AWS::Some::Thing', matters: true, meaning: 'the local runner does not know this type' },
      { logicalId: 'Vpc', type: 'AWS::EC2::VPC', matters: false, meaning: 'every task has an address of its own, without a VPC' },
    ]);
  });

  it.each<[string, object, string]>([
    ['an unknown intrinsic function', { x: { 'Fn::Magic': 1 } }, 'Subject (Test::Resource): Subject.x uses the intrinsic function "Fn::Magic"'],
    ['an unknown attribute of something not realised', { x: { 'Fn::GetAtt': ['Thing', 'Endpoint'] } }, 'Subject.x.Fn::GetAtt refers to "Thing.Endpoint", which the local runner does not know'],
    ['a dynamic reference to SSM', { x: '{{resolve:ssm:/name:1}}' }, 'the dynamic reference {{resolve:ssm:/name:1}} reads from "ssm"; the local runner has secretsmanager only'],
    ['a dynamic reference to no secret', { x: '{{resolve:secretsmanager:absent}}' }, 'reads a secret that does not exist or has no value'],
    ['a dynamic reference to a missing field', { x: '{{resolve:secretsmanager:name:SecretString:colour}}' }, 'asks for the field "colour", which the secret does not have'],
  ])('fails for %s', async (_name, Properties, message) => {
    test.aws.secrets.push({ ARN: 'arn', Name: 'name', SecretString: '{"a":"b"}' });

    expect(await failure(test.deploy(stackOf({ Subject: { Type: 'Test::Resource', Properties: Properties as Record<string, unknown> }, Thing: { Type: 'AWS::Some::Thing' } })))).toContain(message);
  });

  it('fails for a DAG folder without its bucket deployment', async () => {
    const stack = stackOf({}, { dagDirectories: [{ bucketDeployment: 'Absent', directory: '/dags', exclude: [] }] });

    expect(await failure(test.deploy(stack))).toBe('the DAG folder /dags belongs to "Absent", which is not in the template; synthesize the app again');
  });
});

describe('dynamic references', () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:name-abcdef';

  it.each<[string, string]>([
    ['{{resolve:secretsmanager:name}}', '{"user":"me","port":5}'],
    ['{{resolve:secretsmanager:name:SecretString}}', '{"user":"me","port":5}'],
    [`{{resolve:secretsmanager:${arn}:SecretString:user::}}`, 'me'],
    [`{{resolve:secretsmanager:${arn}:SecretString:user:AWSCURRENT}}`, 'me'],
    [`x://{{resolve:secretsmanager:${arn}:SecretString:user::}}@h:{{resolve:secretsmanager:name:SecretString:port}}/`, 'x://me@h:5/'],
  ])('%s', async (reference, expected) => {
    test.aws.secrets.push({ ARN: arn, Name: 'name', SecretString: '{"user":"me","port":5}' });
    let seen: unknown;

    await test.deploy(stackOf({ Subject: { Type: 'Test::Resource', Properties: { deep: [{ reference }] } } }), {
      resourceType: () => ({
        create: ({ properties }) => {
          seen = properties;
          return created;
        },
      }),
    });

    expect(seen).toEqual({ deep: [{ reference: expected }] });
  });
});
