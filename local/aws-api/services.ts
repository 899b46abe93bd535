import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { actionsOfCloudFormation } from './actions/cloudformation';
import { actionsOfEcs, type TaskDefinitionLookup } from './actions/ecs';
import { actionsOfLambda, invokedFunction } from './actions/lambda';
import { actionsOfS3, listingOf } from './actions/s3';
import { actionsOfSecretsManager } from './actions/secrets-manager';
import type { AwsService } from './exchange';
import type { S3Mirror } from './s3-mirror';
import type { SecretsMirror } from './secrets-mirror';
import type { AwsEnvironment } from '../aws-environment';
import type { Iam } from '../iam/iam';

const ECS_TARGET = 'AmazonEC2ContainerServiceV20141113.';
const SECRETS_MANAGER_TARGET = 'secretsmanager.';

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

/** By moto. */
export function cloudFormationService(awsEnvironment: AwsEnvironment): AwsService {
  return async exchange => {
    const input = new URLSearchParams(String(exchange.request.body));
    const operation = String(input.get('Action'));
    exchange.authorize(`cloudformation:${operation}`, actionsOfCloudFormation(operation, input, arnPrefix('cloudformation', awsEnvironment)));
    await exchange.forward('/');
  };
}

function arnPrefix(service: string, { partition, region, account }: AwsEnvironment): string {
  return `arn:${partition}:${service}:${region}:${account}`;
}
