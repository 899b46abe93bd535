import { assumeRole, callerIdentity } from '../../../local/aws-api/sts';
import { AccessKeys } from '../../../local/iam/access-keys';
import { Iam } from '../../../local/iam/iam';
import { parsePolicy } from '../../../local/iam/policy';

const environment = { partition: 'aws', region: 'us-east-1', account: '111111111111' };
const ROLE = 'arn:aws:iam::111111111111:role/deploy';
const keys = new AccessKeys();
const iam = new Iam(environment);
iam.createRole({
  arn: ROLE,
  trustPolicy: parsePolicy('trust', { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '111111111111' } } }, ROLE),
  policies: [],
  managedPolicies: [],
});

test('a role gives a key that is known', () => {
  const { Credentials, AssumedRoleUser } = assumeRole({ RoleArn: ROLE, RoleSessionName: 'me' }, 'operator', keys, iam) as {
    Credentials: Record<string, string>; AssumedRoleUser: object;
  };

  expect(AssumedRoleUser).toEqual({ Arn: 'arn:aws:sts::111111111111:assumed-role/deploy/me', AssumedRoleId: 'deploy:me' });
  expect(keys.find(Credentials.AccessKeyId)).toMatchObject({
    key: { secretAccessKey: Credentials.SecretAccessKey, sessionToken: Credentials.SessionToken }, session: { roleArn: ROLE },
  });
});

test('a role that does not trust is refused in the words of AWS', () => {
  expect(() => assumeRole({ RoleArn: `${ROLE}-2`, RoleSessionName: 'me' }, 'operator', keys, iam))
    .toThrow(`User: arn:aws:iam::111111111111:user/operator is not authorized to perform: sts:AssumeRole on resource: ${ROLE}-2`);
});

test('everybody is told who he is', () => {
  const { session } = keys.issue(ROLE, 'me');

  expect([callerIdentity('operator', iam, environment), callerIdentity(session, iam, environment)]).toEqual([
    { Arn: 'arn:aws:iam::111111111111:user/operator', UserId: 'AIDALOCAL', Account: '111111111111' },
    { Arn: 'arn:aws:sts::111111111111:assumed-role/deploy/me', UserId: 'deploy:me', Account: '111111111111' },
  ]);
});
