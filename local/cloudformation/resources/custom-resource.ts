import { randomUUID } from 'node:crypto';
import { UserError } from '../../errors';
import type { LambdaFunction } from '../../lambda/lambda-function';
import { mapMembers } from '../members';
import type { Context, Created, Resource, ResourceType, StackResource } from '../resource';
import type { Properties } from '../template';
import { FUNCTIONS } from './lambda';

interface CustomResourceResponse {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly NoEcho?: boolean;
  readonly Data?: Record<string, unknown>;
}

type RequestType = 'Create' | 'Update' | 'Delete';

/** What CloudFormation accepts as a response, in bytes. */
const RESPONSE_LIMIT = 4096;
/** Seconds that CloudFormation waits for a response unless `ServiceTimeout` says otherwise. */
const DEFAULT_SERVICE_TIMEOUT = 3600;

export function isCustomResource(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

/** Made, changed and deleted by its function as CloudFormation would. */
export const CUSTOM_RESOURCE: ResourceType = {
  create: async (resource, context) => createdBy(await call('Create', resource, context)),
  resume: (_resource, _context, { physicalId, attributes }) => ({ ref: physicalId, attributes }),
  async update(resource, context, before) {
    if (!before.unfinished && withStrings(before.properties.ServiceToken) !== withStrings(resource.unresolved.ServiceToken)) {
      throw new UserError('Modifying service token is not allowed.');
    }
    const response = await call('Update', resource, context, before);
    return { ...createdBy(response), isReplacement: response.PhysicalResourceId !== before.physicalId };
  },
  updates: 'any',
  /** Fails when its function has left the template too: its code is gone. */
  async delete(before, context) {
    await call('Delete', { ...before, unresolved: before.properties }, context, before);
  },
  persistent: true,
};

function createdBy({ PhysicalResourceId: ref, Data: attributes = {}, NoEcho }: CustomResourceResponse): Created {
  return { ref, attributes, ...NoEcho === true && Object.keys(attributes).length > 0 && { noEcho: true } };
}

async function call(
  requestType: RequestType, { logicalId, type, unresolved }: Resource, context: Context, before?: StackResource,
): Promise<CustomResourceResponse> {
  const properties = withStrings(unresolved) as Properties;
  const lambda = context.realised.require(FUNCTIONS, properties.ServiceToken, 'its ServiceToken');
  const answer = context.responses.expect();
  try {
    const event = {
      RequestType: requestType,
      ServiceToken: properties.ServiceToken,
      ResponseURL: answer.url,
      StackId: context.names.stackId,
      RequestId: randomUUID(),
      LogicalResourceId: logicalId,
      ...(before && { PhysicalResourceId: before.physicalId }),
      ResourceType: type,
      ResourceProperties: await context.resolveDynamicReferences(properties),
      ...(requestType === 'Update' && { OldResourceProperties: await context.resolveDynamicReferences(withStrings(before!.properties)) }),
    };
    const response = parse(await bodyOf(answer.body, lambda, event, properties, context), event);
    if (response.Status === 'FAILED') {
      throw new UserError(`${response.Reason ?? 'its handler gave no reason'} (log: ${lambda.logFile})`);
    }
    return response;
  } finally {
    answer.forget();
  }
}

/** The response, or why there is none: the runner does not sit out the time that CloudFormation would wait. */
async function bodyOf(
  body: Promise<string>, lambda: LambdaFunction, event: object, properties: Properties, context: Context,
): Promise<string> {
  const serviceTimeout = Number(properties.ServiceTimeout ?? DEFAULT_SERVICE_TIMEOUT);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), serviceTimeout * 1000);
  let problem = `the function "${lambda.name}" ended without a response`;
  const signal = AbortSignal.any([context.signal, controller.signal]);
  const ended = lambda.invoke(event, signal).catch((error: unknown) => {
    problem = (error as Error).message;
  }).then(async () => {
    problem = await lambda.idle() ?? problem; // it can have invoked itself, to go on
  }).then(() => undefined);
  const over = new Promise<undefined>(resolve => signal.addEventListener('abort', () => resolve(undefined)));
  try {
    const response = await Promise.race([body, ended, over]);
    if (response !== undefined) {
      return response;
    }
    context.signal.throwIfAborted();
    if (controller.signal.aborted) {
      throw new UserError(`no response from the function "${lambda.name}" within ServiceTimeout (${serviceTimeout} seconds) (log: ${lambda.logFile})`);
    }
    throw new UserError(
      `${problem}; on AWS CloudFormation would wait ${serviceTimeout} seconds for a response and then fail (log: ${lambda.logFile})`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** As strict as CloudFormation, which fails (or waits until the timeout) where one of these is not right. */
function parse(body: string, event: { StackId: string; RequestId: string; LogicalResourceId: string }): CustomResourceResponse {
  const bytes = Buffer.byteLength(body);
  if (bytes > RESPONSE_LIMIT) {
    throw new UserError(`its response has ${bytes} bytes; CloudFormation accepts ${RESPONSE_LIMIT}`);
  }
  let response: CustomResourceResponse & Record<string, unknown>;
  try {
    response = JSON.parse(body) as typeof response;
  } catch {
    throw new UserError('its response is not JSON');
  }
  if (response.Status !== 'SUCCESS' && response.Status !== 'FAILED') {
    throw new UserError(`its response has the Status ${JSON.stringify(response.Status)}; allowed are SUCCESS and FAILED`);
  }
  if (typeof response.PhysicalResourceId !== 'string' || response.PhysicalResourceId === '') {
    throw new UserError('its response has no PhysicalResourceId');
  }
  for (const key of ['StackId', 'RequestId', 'LogicalResourceId'] as const) {
    if (response[key] !== event[key]) {
      throw new UserError(`its response does not repeat the ${key} of the request`);
    }
  }
  return response;
}

/** CloudFormation sends every scalar of a custom resource's properties as a string. */
function withStrings(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? mapMembers(value, withStrings) : String(value);
}
