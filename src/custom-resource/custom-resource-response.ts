import * as http from 'node:http';
import * as https from 'node:https';

/** What CloudFormation sends to the function of a custom resource. */
export interface CustomResourceEvent<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** The same in every delivery of one request. */
  readonly RequestId: string;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  /** Absent in a Create. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
}

/** A failure whose message is written for the user: it becomes the reason that CloudFormation shows. */
export class DeploymentError extends Error {}

/** CloudFormation refuses longer responses than 4096 bytes; the other fields need less than half. */
const MAXIMUM_REASON = 2000;

/** What a handler returns when another invocation goes on with the request, and will answer it. */
export const HANDED_OVER = 'handed over';

/**
 * Does the work of one request and tells CloudFormation how it ended.
 *
 * A Delete always succeeds: what our custom resources make is deleted, or kept, with the resource that holds it. What is still under way is
 * ended by `remove`; if that fails, CloudFormation will say which resource cannot be deleted.
 */
export async function handle<Properties>(
  event: CustomResourceEvent<Properties>,
  physicalResourceId: string,
  ensure: () => Promise<typeof HANDED_OVER | void>,
  remove: () => Promise<void> = async () => {},
): Promise<void> {
  // not the whole event: with its ResponseURL anybody can answer for us
  console.log(JSON.stringify({ requestType: event.RequestType, requestId: event.RequestId, logicalResourceId: event.LogicalResourceId }));
  if (event.RequestType === 'Delete') {
    await remove().catch(error => console.error(describe(error)));
    // after a Create that never answered, CloudFormation has made up an id, and wants to hear that one
    await respond(event, { Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId ?? physicalResourceId });
    return;
  }
  try {
    if (await ensure() === HANDED_OVER) { return; }
  } catch (error) {
    const reason = describe(error);
    console.error(reason);
    await respond(event, { Status: 'FAILED', PhysicalResourceId: physicalResourceId, Reason: reason });
    return;
  }
  await respond(event, { Status: 'SUCCESS', PhysicalResourceId: physicalResourceId });
}

/** Only our own messages are shown and logged: the text of other errors, from the AWS SDK for example, can hold what was sent. */
function describe(error: unknown): string {
  if (error instanceof DeploymentError) { return error.message.slice(0, MAXIMUM_REASON); }
  return error instanceof Error ? error.name : 'unknown error';
}

interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

async function respond(event: CustomResourceEvent<unknown>, answer: Answer): Promise<void> {
  const body = JSON.stringify({
    ...answer,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    NoEcho: true,
    Data: {},
  });
  const url = new URL(event.ResponseURL);
  const send = url.protocol === 'http:' ? http.request : https.request;
  await new Promise<void>((resolve, reject) => {
    // the URL was signed for a request without a content type
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
    const request = send(url, { method: 'PUT', headers }, response => {
      response.resume();
      const status = response.statusCode ?? 0;
      if (status < 400) {
        resolve();
      } else {
        reject(new Error(`CloudFormation's response URL answered ${status}`));
      }
    });
    request.on('error', reject);
    request.end(body);
  });
}
