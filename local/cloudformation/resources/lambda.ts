import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors';
import { LambdaFunction } from '../../lambda/lambda-function';
import { Family } from '../realised-resources';
import type { Context, Created, Resource, ResourceType } from '../resource';
import type { Properties } from '../template';

/** By ARN. */
export const FUNCTIONS = new Family<LambdaFunction>('not a function of this template that the local runner can run (Node.js, without layers)');

/** They add files or code that the handler may need. */
const REFUSED = ['Layers', 'FileSystemConfigs'];

/** Functions run only when a custom resource calls them; one that cannot run here is refused by that custom resource, not before. */
function createFunction({ logicalId, properties }: Resource, context: Context): Created {
  const { names } = context;
  const name = String(properties.FunctionName ?? names.physicalName(logicalId, 64));
  const arn = names.arn('lambda', `function:${name}`);
  const created = { ref: name, attributes: { Arn: arn } };
  const runtime = String(properties.Runtime ?? 'container image');
  const refused = REFUSED.find(property => properties[property] !== undefined);
  if (!runtime.startsWith('nodejs') || refused) {
    return { ...created, notRealised: { meaning: `functions with ${refused ?? runtime} are not run`, matters: false } };
  }
  const roleArn = String(properties.Role);
  const untrusted = context.cloud.iam.reasonAgainstAssumption(roleArn, 'lambda.amazonaws.com', arn);
  if (untrusted !== undefined) {
    throw new UserError(`the role ${roleArn} cannot be assumed by Lambda: ${untrusted}`);
  }
  const lambda = new LambdaFunction({
    arn,
    name,
    runtime,
    handler: String(properties.Handler),
    accessKey: context.cloud.accessKeys.issue(roleArn, name, `lambda/${logicalId}`).key,
    code: codeOf(properties.Code as Properties, context),
    environment: (properties.Environment as { Variables?: Record<string, string> } | undefined)?.Variables ?? {},
    timeout: Number(properties.Timeout ?? 3),
    memorySize: Number(properties.MemorySize ?? 128),
    logGroupName: String((properties.LoggingConfig as Properties | undefined)?.LogGroup ?? `/aws/lambda/${name}`),
    region: names.awsEnvironment.region,
    endpoint: context.cloud.endpoint,
    signal: context.lifetime,
    nodePath: context.nodePath,
    codeFolder: join(context.stateFolder, 'functions', logicalId),
    logFile: join(context.logFolder, 'lambda', `${logicalId}.log`),
  });
  context.realised.add(FUNCTIONS, arn, lambda);
  context.cloud.functions.set(arn, lambda);
  return created;
}

const NOT_VISIBLE = { harmless: 'nothing local reads it' };

export const FUNCTION: ResourceType = {
  create: createFunction,
  update: createFunction,
  updates: {
    Code: 'supported',
    Description: NOT_VISIBLE,
    Environment: 'supported',
    Handler: 'supported',
    LoggingConfig: 'supported',
    MemorySize: 'supported',
    ReservedConcurrentExecutions: { harmless: 'only custom resources call functions' },
    Role: 'supported',
    Runtime: 'supported',
    RuntimeManagementConfig: NOT_VISIBLE,
    Tags: NOT_VISIBLE,
    Timeout: 'supported',
    TracingConfig: NOT_VISIBLE,
    VpcConfig: { harmless: 'functions run beside the engine' },
  },
  delete({ attributes }, context) {
    context.realised.remove(FUNCTIONS, String(attributes.Arn));
    context.cloud.functions.delete(String(attributes.Arn));
  },
  nameProperty: 'FunctionName',
};

function codeOf(code: Properties, context: Context) {
  if (typeof code.ZipFile === 'string') {
    return { source: code.ZipFile };
  }
  const asset = context.stack.assets.get(String(code.S3Key), String(code.S3Bucket));
  if (!asset || !existsSync(asset.path)) {
    throw new UserError(`its code (S3 key ${JSON.stringify(code.S3Key)}) is not an asset of this cloud assembly; synthesize the app again`);
  }
  return asset;
}
