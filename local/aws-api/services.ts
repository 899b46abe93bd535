import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { actionsOfCloudFormation } from './actions/cloudformation';
import { actionsOfEcs, type TaskDefinitionLookup } from './actions/ecs';
import { actionsOfLambda, invokedFunction } from './actions/lambda';
import { actionsOfS3, listingOf } from './actions/s3';
import { actionsOfSecretsManager } from './actions/secrets-manager';
import { actionsOfSsm } from './actions/ssm';
import type { AwsService, Exchange } from './exchange';
import type { ParameterStore } from './parameter-store';
import { parseQuery, QueryError, queryErrorResponse, queryResponse, type QueryInput } from './query-protocol';
import type { S3Mirror } from './s3-mirror';
import type { SecretsMirror } from './secrets-mirror';
import { assumeRole, callerIdentity } from './sts';
import type { AwsEnvironment } from '../aws-environment';
import type { AccessKeys } from '../iam/access-keys';
import type { Iam } from '../iam/iam';

const ECS_TARGET = 'AmazonEC2ContainerServiceV20141113.';
const SECRETS_MANAGER_TARGET = 'secretsmanager.';
const SSM_TARGET = 'AmazonSSM.';

/** By moto; an object is on disk before the answer is sent. */
export function s3Service(iam: Iam, awsEnvironment: AwsEnvironment, mirror: S3Mirror): AwsService {
  return async exchange => {
    const { request } = exchange;
    const s3 = request.s3();
    exchange.authorize(s3.operation, s3.isWellFormed ? actionsOfS3(s3, iam, awsEnvironment) : undefined);
    await exchange.forward(s3.path, {
      onSuccess: () => mirror.onRequest(request.method, s3.path.split('?')[0]),
      // who may not list is not told that an object is missing
      onMissing: () => s3.key !== '' && exchange.authorize(s3.operation, [listingOf(s3.bucket, awsEnvironment.partition)]),
    });
  };
}

/** By moto; a secret is on disk before the answer is sent. */
export function secretsManagerService(iam: Iam, { region }: AwsEnvironment, mirror: SecretsMirror, client: SecretsManagerClient): AwsService {
  const arnOf = async (name: string) => {
    const secret = await client.send(new DescribeSecretCommand({ SecretId: name })).catch(() => undefined);
    return secret?.ARN ?? name; // as AWS, which then says that nobody may read it
  };
  return async exchange => {
    const { request } = exchange;
    const operation = request.operation(SECRETS_MANAGER_TARGET);
    exchange.authorize(`secretsmanager:${operation}`, await actionsOfSecretsManager(operation, request.json(), iam, region, arnOf));
    await exchange.forward('/', { onSuccess: () => mirror.onRequest(operation, String(request.body)) });
  };
}

/** Answers requests of a service that speaks JSON; `target` is the header X-Amz-Target. */
export interface JsonService {
  handle(target: string, body: string): Promise<{ statusCode: number; body: string }>;
}

/** By the engine. */
export function ecsService(ecs: JsonService, definitions: TaskDefinitionLookup, awsEnvironment: AwsEnvironment): AwsService {
  return async exchange => {
    const { request } = exchange;
    const operation = request.operation(ECS_TARGET);
    exchange.authorize(`ecs:${operation}`, actionsOfEcs(operation, request.json(), definitions, arnPrefix('ecs', awsEnvironment)));
    const { statusCode, body } = await ecs.handle(`${ECS_TARGET}${operation}`, String(request.body));
    exchange.answer(statusCode, { 'content-type': 'application/x-amz-json-1.1' }, body);
  };
}

/** A function that can be invoked without waiting for its end. */
export interface InvokableFunction {
  invokeLater(event: unknown): void;
}

/** By the engine: asynchronous invocations of the functions, which are named by their ARN. */
export function lambdaService(functions: ReadonlyMap<string, InvokableFunction>, awsEnvironment: AwsEnvironment): AwsService {
  const prefix = arnPrefix('lambda', awsEnvironment);
  return async exchange => {
    const { request: { method, path, headers, body } } = exchange;
    const decoded = decodeURIComponent(path.replace(/\/invocations$/, '')).split('/').pop();
    exchange.authorize(`lambda:${method} ${decoded}`, actionsOfLambda(method, path, prefix));
    const found = functions.get(invokedFunction(method, path, prefix)!);
    const refuse = (statusCode: number, code: string, message: string) =>
      exchange.answer(statusCode, { 'content-type': 'application/json', 'x-amzn-errortype': code }, JSON.stringify({ Message: message }));
    if (!found) {
      refuse(404, 'ResourceNotFoundException', `Function not found: ${decoded}`);
    } else if (headers['x-amz-invocation-type'] !== 'Event') {
      refuse(400, 'InvalidParameterValueException', 'only the InvocationType Event is supported locally');
    } else {
      found.invokeLater(JSON.parse(String(body) || '{}'));
      exchange.answer(202, {}, '');
    }
  };
}

/** By moto, which has no stacks. */
export function cloudFormationService(awsEnvironment: AwsEnvironment): AwsService {
  return async exchange => {
    const { operation, input } = parseQuery(String(exchange.request.body));
    exchange.authorize(`cloudformation:${operation}`, actionsOfCloudFormation(operation, input, arnPrefix('cloudformation', awsEnvironment)));
    await exchange.forward('/');
  };
}

/** Carries out operations of a service that speaks the query protocol; rejects with a `QueryError`. */
export interface QueryService {
  handle(operation: string, input: QueryInput): Promise<object>;
}

/** By the engine, for the stacks of an account. */
export function stacksService(stacks: QueryService, awsEnvironment: AwsEnvironment): AwsService {
  const namespace = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
  return queryService(namespace, async (operation, input, exchange) => {
    exchange.authorize(`cloudformation:${operation}`, actionsOfCloudFormation(operation, input, arnPrefix('cloudformation', awsEnvironment)));
    return stacks.handle(operation, input);
  });
}

/** Who somebody is, and keys of roles for whom their trust policies name. */
export function stsService(keys: AccessKeys, iam: Iam, awsEnvironment: AwsEnvironment): AwsService {
  return queryService('https://sts.amazonaws.com/doc/2011-06-15/', async (operation, input, { session }) => {
    switch (operation) {
      case 'GetCallerIdentity':
        return callerIdentity(session, iam, awsEnvironment);
      case 'AssumeRole':
        return assumeRole(input, session, keys, iam);
      default:
        throw new QueryError(`the local STS has no operation ${operation}`, 'InvalidAction');
    }
  });
}

/** By the engine: parameters that stacks have made. */
export function ssmService(parameters: ParameterStore, awsEnvironment: AwsEnvironment): AwsService {
  return async exchange => {
    const { request } = exchange;
    const operation = request.operation(SSM_TARGET);
    exchange.authorize(`ssm:${operation}`, actionsOfSsm(operation, request.json(), arnPrefix('ssm', awsEnvironment)));
    const { statusCode, body } = parameters.handle(operation, request.json());
    exchange.answer(statusCode, { 'content-type': 'application/x-amz-json-1.1' }, body);
  };
}

function queryService(namespace: string, handle: (operation: string, input: QueryInput, exchange: Exchange) => Promise<object>): AwsService {
  return async exchange => {
    const answer = (statusCode: number, body: string) => exchange.answer(statusCode, { 'content-type': 'text/xml' }, body);
    try {
      const { operation, input } = parseQuery(String(exchange.request.body));
      answer(200, queryResponse(namespace, operation, await handle(operation, input, exchange)));
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      answer(error.statusCode, queryErrorResponse(namespace, error));
    }
  };
}

function arnPrefix(service: string, { partition, region, account }: AwsEnvironment): string {
  return `arn:${partition}:${service}:${region}:${account}`;
}
