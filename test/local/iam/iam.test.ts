import { AccessKeys } from '../../../local/iam/access-keys';
import { Iam, type Action, type Role } from '../../../local/iam/iam';
import { parsePolicy } from '../../../local/iam/policy';

const ROLE = 'arn:aws:iam::111111111111:role/worker';
const TASK = 'arn:aws:ecs:eu-west-1:111111111111:task/airflow/1';
const BUCKET = 'arn:aws:s3:::logs';
const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const ROOT = { AWS: 'arn:aws:iam::111111111111:root' };
const { session } = new AccessKeys().issue(ROLE, 'task', 'worker');
const policy = (...statements: object[]) => parsePolicy('p', { Version: '2012-10-17', Statement: statements });
const allow = (Action: string, Resource: string | string[], more: object = {}) => ({ Effect: 'Allow', Action, Resource, ...more });
const deny = (Action: string, Resource: string, more: object = {}) => ({ Effect: 'Deny', Action, Resource, ...more });
const GET: Action = { action: 's3:GetObject', resource: `${BUCKET}/a` };
const DECRYPT: Action = { action: 'kms:Decrypt', resource: KEY, context: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } };

let iam: Iam;
beforeEach(() => {
  iam = new Iam({ partition: 'aws', region: 'eu-west-1', account: '111111111111' });
});

function role(policies: ReturnType<typeof policy>[], more: Partial<Role> = {}): void {
  const trustPolicy = parsePolicy('trust', { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } } }, ROLE);
  iam.createRole({ arn: ROLE, trustPolicy, policies, managedPolicies: [], ...more });
}

const refusal = (action: Action) => iam.reasonAgainst(session, action);

const NOT_ALLOWED = 'because no identity-based policy allows the s3:GetObject action';

describe('policies of the role', () => {
  test.each<[string, object[], string | undefined]>([
    ['nothing', [], NOT_ALLOWED],
    ['the object', [allow('s3:GetObject', `${BUCKET}/a`)], undefined],
    ['the action in other letters', [allow('S3:getobject', `${BUCKET}/*`)], undefined],
    ['another action', [allow('s3:PutObject', `${BUCKET}/*`)], NOT_ALLOWED],
    ['only the bucket', [allow('s3:*', BUCKET)], NOT_ALLOWED],
    ['another object and everything, of S3', [allow('s3:*', ['arn:aws:s3:::x', '*'])], undefined],
    ['everything but another action', [{ Effect: 'Allow', NotAction: 's3:PutObject', Resource: '*' }], undefined],
    ['everything but this action', [{ Effect: 'Allow', NotAction: 's3:Get*', Resource: '*' }], NOT_ALLOWED],
    ['everywhere but here', [{ Effect: 'Allow', Action: '*', NotResource: `${BUCKET}/*` }], NOT_ALLOWED],
    ['all, with a deny', [allow('*', '*'), deny('s3:Get*', `${BUCKET}/a`)], 'with an explicit deny in an identity-based policy'],
    ['all, with a deny of something else', [deny('s3:Get*', `${BUCKET}/b`), allow('*', '*')], undefined],
    ['under a condition that holds', [allow('*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } })], undefined],
    ['under one condition that holds and one that does not',
      [allow('*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } })], NOT_ALLOWED],
    ['under a condition that is unknown here', [allow('*', '*', { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } })],
      `${NOT_ALLOWED} [local: the condition key aws:SourceVpc has no value locally (policy "p")]`],
    ['all, with a deny that is unknown here', [allow('*', '*'), deny('*', '*', { Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } })],
      'with an explicit deny in an identity-based policy [local: the condition key aws:SourceVpc has no value locally (policy "p")]'],
    ['all, with an unknown deny of something else', [allow('*', '*'), deny('s3:Put*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })], undefined],
    ['what has its session\'s name', [allow('*', `${BUCKET}/\${aws:RoleSessionName}`)], NOT_ALLOWED],
  ])('allow %s', (_, statements, expected) => {
    role(statements.length === 0 ? [] : [policy(...statements)]);

    expect(refusal(GET)).toBe(expected);
  });

  test('count wherever they are attached', () => {
    role([policy(allow('s3:PutObject', '*'))], { managedPolicies: ['arn:managed'] });
    iam.attachPolicy('worker', policy(allow('s3:GetObject', '*')));
    iam.createManagedPolicy('arn:managed', policy(allow('s3:DeleteObject', '*')));
    iam.attachPolicy('scheduler', policy(allow('*', '*')));

    expect(['Get', 'Put', 'Delete', 'Restore'].map(verb => refusal({ ...GET, action: `s3:${verb}Object` }) === undefined)).toEqual([true, true, true, false]);
  });

  test('of AWS are not known: what they might allow is refused, and it is said', () => {
    role([], { managedPolicies: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'] });

    expect(refusal(GET)).toBe(`${NOT_ALLOWED} [local: what arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess allows is not in the template, so it is not known here]`);
  });

  test('of a role from elsewhere are not known, but what the template adds to it is', () => {
    iam.attachPolicy('worker', policy(allow('s3:PutObject', '*')));

    expect(refusal({ ...GET, action: 's3:PutObject' })).toBeUndefined();
    expect(refusal(GET)).toBe(`${NOT_ALLOWED} [local: the role is not in the template: of its policies only those are known that the template adds to it]`);
  });

  test('end at the permissions boundary', () => {
    iam.createManagedPolicy('arn:boundary', policy(allow('s3:Get*', '*'), deny('s3:GetObjectAcl', '*')));
    role([policy(allow('s3:*', '*'))], { permissionsBoundary: 'arn:boundary' });

    expect(refusal(GET)).toBeUndefined();
    expect(refusal({ ...GET, action: 's3:PutObject' })).toBe('because no permissions boundary allows the s3:PutObject action');
    expect(refusal({ ...GET, action: 's3:GetObjectAcl' })).toBe('with an explicit deny in a permissions boundary');
  });
});

describe('the policy of a bucket', () => {
  test.each<[string, object, object[], string | undefined]>([
    ['allows the role', { AWS: ROLE }, [], undefined],
    ['allows the session', { AWS: session.arn }, [], undefined],
    ['allows everybody', { AWS: '*' }, [], undefined],
    ['allows another role', { AWS: `${ROLE}2` }, [], NOT_ALLOWED],
    ['allows a service', { Service: 'logs.amazonaws.com' }, [], NOT_ALLOWED],
    ['leaves it to the account\'s roles', ROOT, [], NOT_ALLOWED],
    ['leaves it to the account\'s roles, which may', ROOT, [allow('*', '*')], undefined],
  ])('%s', (_, Principal, own, expected) => {
    role([policy(...own)]);
    iam.putResourcePolicy(BUCKET, policy(allow('s3:GetObject', `${BUCKET}/*`, { Principal })));

    expect(refusal(GET)).toBe(expected);
  });

  test('denies what the role\'s own policies allow', () => {
    role([policy(allow('*', '*'))]);
    iam.putResourcePolicy(BUCKET, policy(deny('s3:*', `${BUCKET}/*`, { Principal: '*' })));

    expect(refusal(GET)).toBe('with an explicit deny in a resource-based policy');
    expect(refusal({ ...GET, resource: 'arn:aws:s3:::dags/a' })).toBeUndefined();
  });

  test('does not mind that the local endpoint is plain HTTP', () => {
    role([policy(allow('*', '*'))]);
    iam.putResourcePolicy(BUCKET, policy(deny('s3:*', `${BUCKET}/*`, { Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })));

    expect(refusal(GET)).toBeUndefined();
  });

  test('with NotPrincipal is not judged: its denies count', () => {
    role([policy(allow('*', '*'))]);
    iam.putResourcePolicy(BUCKET, policy(deny('s3:*', `${BUCKET}/*`, { NotPrincipal: { AWS: ROLE } })));

    expect(refusal(GET)).toBe('with an explicit deny in a resource-based policy [local: NotPrincipal is not evaluated locally (policy "p")]');
  });
});

describe('the policy of a key', () => {
  const IF_S3 = { Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } } };

  test.each<[string, object | undefined, object[], string | undefined]>([
    ['is not in the template: the role decides', undefined, [allow('kms:Decrypt', KEY, IF_S3)], undefined],
    ['leaves it to the role, which may', allow('kms:*', '*', { Principal: ROOT }), [allow('kms:Decrypt', KEY, IF_S3)], undefined],
    ['leaves it to the role, which may not', allow('kms:*', '*', { Principal: ROOT }), [], 'because no identity-based policy allows the kms:Decrypt action'],
    ['does not leave it to the role', allow('kms:*', '*', { Principal: { Service: 'logs.amazonaws.com' } }), [allow('kms:*', '*')],
      'because no resource-based policy allows the kms:Decrypt action'],
    ['allows the role itself', allow('kms:Decrypt', '*', { Principal: { AWS: ROLE }, ...IF_S3 }), [], undefined],
  ])('%s', (_, keyPolicy, own, expected) => {
    role([policy(...own)]);
    if (keyPolicy) iam.putResourcePolicy(KEY, policy(keyPolicy));

    expect(refusal(DECRYPT)).toBe(expected);
  });
});

describe('the trust policy', () => {
  test('says which service may act with the role', () => {
    role([]);

    expect(iam.reasonAgainstAssumption(ROLE, 'ecs-tasks.amazonaws.com', TASK)).toBeUndefined();
    expect(iam.reasonAgainstAssumption(ROLE, 'lambda.amazonaws.com', TASK)).toBe('its trust policy does not let lambda.amazonaws.com assume it');
  });

  test('may name the account and the source that it must be for', () => {
    const trust = (account: string, source: string) => parsePolicy('trust', {
      Statement: {
        Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': source } },
      },
    }, ROLE);

    role([], { trustPolicy: trust('111111111111', 'arn:aws:ecs:*:111111111111:*') });
    expect(iam.reasonAgainstAssumption(ROLE, 'ecs-tasks.amazonaws.com', TASK)).toBeUndefined();
    for (const [account, source] of [['222222222222', '*:*:*:*:*:*'], ['111111111111', 'arn:aws:lambda:*:*:*']]) {
      role([], { trustPolicy: trust(account, source) });
      expect(iam.reasonAgainstAssumption(ROLE, 'ecs-tasks.amazonaws.com', TASK)).toContain('does not let');
    }
  });
});

describe('who may assume a role', () => {
  const OTHER = 'arn:aws:iam::111111111111:role/deploy';
  const trusting = (Principal: object, more: object = {}) => iam.createRole({
    arn: OTHER,
    trustPolicy: parsePolicy('trust', { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...more } }, OTHER),
    policies: [],
    managedPolicies: [],
  });

  it.each<[string, object, object, string | undefined, string | undefined]>([
    ['the account', { AWS: '111111111111' }, {}, undefined, 'because no identity-based policy allows the sts:AssumeRole action'],
    ['the account by its root', ROOT, {}, undefined, 'because no identity-based policy allows the sts:AssumeRole action'],
    ['the role itself', { AWS: ROLE }, {}, 'because the role trust policy does not allow the sts:AssumeRole action', undefined],
    ['a service', { Service: 'ecs-tasks.amazonaws.com' }, {}, ...Array<string>(2).fill('because the role trust policy does not allow the sts:AssumeRole action') as [string, string]],
    ['the account with an external id', ROOT, { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } },
      ...Array<string>(2).fill('because the role trust policy does not allow the sts:AssumeRole action') as [string, string]],
  ])('where it trusts %s', (_whom, principal, more, operator, session_) => {
    role([]);
    trusting(principal, more);

    expect([iam.reasonAgainstAssuming('operator', OTHER), iam.reasonAgainstAssuming(session, OTHER)]).toEqual([operator, session_]);
  });

  it('is decided by the own policies where it trusts the account, and by the external id', () => {
    role([policy(allow('sts:AssumeRole', OTHER))]);
    trusting(ROOT, { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } });

    expect(iam.reasonAgainstAssuming(session, OTHER, 'x')).toBeUndefined();
    expect(iam.reasonAgainstAssuming(session, `${OTHER}-2`)).toBe('because there is no such role');
  });
});

test('policies of AWS are asked for by their ARN', () => {
  const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  iam = new Iam({ partition: 'aws', region: 'eu-west-1', account: '111111111111' }, asked => asked === arn ? policy(allow('s3:Get*', '*')) : undefined);
  role([], { managedPolicies: [arn] });

  expect([refusal(GET), refusal({ ...GET, action: 's3:PutObject' })]).toEqual([undefined, NOT_ALLOWED.replace('Get', 'Put')]);
});
