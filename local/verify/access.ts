import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, paginateListSecrets, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { operationsIn, placesOf, secretsOf } from './expected-access';
import type { Section, Verify } from './section';
import type { S3Operation, Trial } from './trial';
import type { TaskDefinition } from '../ecs/definitions';
import type { SecretStore } from '../ecs/secrets';
import type { AccessKey, AccessKeys } from '../iam/access-keys';

const FOR_S3 = ['list', 'list all', 'read', 'write', 'delete'] as const;
const CONTENT = 'written by serverless-airflow local verify, which deletes it again';

/** Asks the AWS API of the run, with keys of every role of every task, for every secret and every place in S3: with real requests. */
export async function tryAccess(definitions: readonly TaskDefinition[], store: SecretStore, keys: AccessKeys): Promise<Trial[]> {
  const operator = clients(store, keys.operator);
  const given = new Set(definitions.flatMap(secretsOf)); // who reads others, which no container gets, is their owner's to say
  const secrets: { name: string; arn: string }[] = [];
  for await (const page of paginateListSecrets({ client: operator.secretsManager }, {})) {
    secrets.push(...(page.SecretList ?? []).map(({ ARN, Name }) => ({ arn: ARN!, name: Name! })).filter(({ arn }) => given.has(arn)));
  }
  const places = placesOf(definitions);
  const probe = `serverless-airflow-verify-${randomUUID()}`;
  const written = `${probe}-written`;
  try {
    await Promise.all(places.map(({ bucket, prefix }) => (
      operator.s3.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + probe, Body: CONTENT }))
    )));
    const trials: Trial[] = [];
    for (const { role, roleArn, users } of rolesOf(definitions)) {
      const { s3, secretsManager } = clients(store, keys.issue(roleArn, 'verify').key); // without a component: nobody needs to be told
      const component = users.map(nameOf).join(', ');
      const execution = role === 'execution role';
      const expectedSecrets = new Set(execution ? users.flatMap(secretsOf) : []);
      for (const { arn, name } of secrets) {
        // ECS asks by ARN, an application would by name
        const reached = await isReached(secretsManager.send(new GetSecretValueCommand({ SecretId: execution ? arn : name })));
        trials.push({ component, role, operation: 'read', resource: name, kind: 'secrets', expected: expectedSecrets.has(arn), reached });
      }
      for (const place of places) {
        const { bucket: Bucket, prefix, use } = place;
        const expected: readonly S3Operation[] = execution ? [] : users.flatMap(user => operationsIn(place, user));
        const requests: Record<S3Operation, () => Promise<unknown>> = {
          'list': () => s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 })),
          'list all': () => s3.send(new HeadBucketCommand({ Bucket })),
          'read': () => s3.send(new GetObjectCommand({ Bucket, Key: prefix + probe })),
          'write': () => s3.send(new PutObjectCommand({ Bucket, Key: prefix + written, Body: CONTENT })),
          'delete': () => s3.send(new DeleteObjectCommand({ Bucket, Key: prefix + written })),
        };
        // listing is about the bucket: once is enough
        for (const operation of FOR_S3.filter(name => use !== 'elsewhere' || !name.startsWith('list'))) {
          const reached = await isReached(requests[operation]());
          trials.push({ component, role, operation, resource: `s3://${Bucket}/${prefix}`, kind: use, expected: expected.includes(operation), reached });
        }
      }
    }
    return trials;
  } finally {
    await Promise.all(places.flatMap(({ bucket, prefix }) => [probe, written].map(name => (
      operator.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + name }))
    ))));
  }
}

/** The engine tries it: nothing else is in the network that the API is in. */
export const verifyAccess: Verify = async (_stack, run) => accessSection(await run.access());

/** One line for each role: how much it reached of what there is. */
export function accessSection(trials: readonly Trial[]): Section {
  const roles = new Map<string, Trial[]>();
  trials.forEach(trial => roles.set(`${trial.component}, ${trial.role}`, [...roles.get(`${trial.component}, ${trial.role}`) ?? [], trial]));
  const width = Math.max(...[...roles.keys()].map(name => name.length));
  const lines = [...roles].map(([name, own]) => {
    const secrets = own.filter(({ kind }) => kind === 'secrets');
    const reached = (kind: Trial['kind']) => [...new Set(own.filter(trial => trial.kind === kind && trial.reached).map(({ operation }) => operation))].join(', ') || '-';
    return `${name.padEnd(width)}  secrets ${secrets.filter(trial => trial.reached).length}/${secrets.length}  logs: ${reached('logs')}  DAG files: ${reached('dags')}`;
  });
  return {
    title: 'access: who reads which secret and does what in S3, tried with real requests of every role',
    lines: [...lines, `${trials.length} requests tried`],
    differences: trials.filter(({ expected, reached }) => expected !== reached).map(({ component, role, operation, resource, expected }) =>
      `${component} (${role}) ${expected ? 'cannot' : 'can'} ${operation} ${resource}, which it ${expected ? 'has' : 'does not have'} to`),
    details: { trials },
  };
}

/** Tasks that share a role share what it may do. */
function rolesOf(definitions: readonly TaskDefinition[]) {
  return [['task role', 'taskRoleArn'], ['execution role', 'executionRoleArn']].flatMap(([role, property]) => {
    const arnOf = (definition: TaskDefinition) => definition[property as 'taskRoleArn' | 'executionRoleArn'];
    return [...new Set(definitions.map(arnOf))].filter(arn => arn !== undefined)
      .map(roleArn => ({ role: role as Trial['role'], roleArn, users: definitions.filter(definition => arnOf(definition) === roleArn) }));
  });
}

function nameOf({ containers }: TaskDefinition): string {
  return (containers.find(({ essential }) => essential) ?? containers[0]).name;
}

function clients(store: SecretStore, credentials: AccessKey) {
  return { s3: new S3Client({ ...store, credentials, forcePathStyle: true }), secretsManager: new SecretsManagerClient({ ...store, credentials }) };
}

/** A secret without a value was reached as well. */
async function isReached(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    if (name === 'AccessDeniedException' || $metadata?.httpStatusCode === 403) return false;
    if (name === 'ResourceNotFoundException') return true;
    throw error;
  }
}
