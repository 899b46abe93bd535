import type { Action } from '../../iam/iam';

/** ARN of the function whose invocation a request asks for (a request names it by that or by its name); undefined if it asks for something else. */
export function invokedFunction(method: string, path: string, prefix: string): string | undefined {
  const [, reference] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
  if (method !== 'POST' || reference === undefined) {
    return undefined;
  }
  const name = decodeURIComponent(reference);
  return name.startsWith('arn:') ? name : `${prefix}:function:${name}`;
}

/** What a request to Lambda needs; undefined if it is none that is known here. */
export function actionsOfLambda(method: string, path: string, prefix: string): Action[] | undefined {
  const resource = invokedFunction(method, path, prefix);
  return resource === undefined ? undefined : [{ action: 'lambda:InvokeFunction', resource }];
}
