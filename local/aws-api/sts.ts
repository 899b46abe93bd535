import { QueryError, type QueryInput } from './query-protocol';
import type { AwsEnvironment } from '../aws-environment';
import type { AccessKeys, Session } from '../iam/access-keys';
import type { Iam } from '../iam/iam';

const DEFAULT_SECONDS = 3600;

export function callerIdentity(session: Session | 'operator', iam: Iam, { account }: AwsEnvironment): object {
  return { Arn: session === 'operator' ? iam.operatorArn : session.arn, UserId: session === 'operator' ? 'AIDALOCAL' : session.arn.split('/').slice(-2).join(':'), Account: account };
}

/** The keys are valid as long as the engine lives: nobody waits for their end. */
export function assumeRole(input: QueryInput, session: Session | 'operator', keys: AccessKeys, iam: Iam): object {
  const roleArn = String(input.RoleArn);
  const reason = iam.reasonAgainstAssuming(session, roleArn, input.ExternalId as string | undefined);
  if (reason !== undefined) {
    const who = session === 'operator' ? iam.operatorArn : session.arn;
    throw new QueryError(`User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${roleArn} ${reason}`, 'AccessDenied', 403);
  }
  const { key, session: assumed } = keys.issue(roleArn, String(input.RoleSessionName));
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } = key;
  const seconds = Number(input.DurationSeconds ?? DEFAULT_SECONDS);
  return {
    Credentials: { AccessKeyId, SecretAccessKey, SessionToken, Expiration: new Date(Date.now() + seconds * 1000).toISOString() },
    AssumedRoleUser: { Arn: assumed.arn, AssumedRoleId: assumed.arn.split('/').slice(-2).join(':') },
  };
}
