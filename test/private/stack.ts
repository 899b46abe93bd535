import { App, Stack } from 'aws-cdk-lib';

/** A stack with a known name in an environment without account and region, as users have it at first. */
export function newStack(name = 'Stack'): Stack {
  return new Stack(newApp(), name);
}

/** What CDK notes beside the templates takes half of the time of a synthesis, and no test looks at it. */
const LEAN = { 'aws:cdk:disable-creation-stack-traces': true, 'aws:cdk:disable-logicalId-metadata': true };

export function newApp(context?: Record<string, unknown>): App {
  return new App({ context: { ...LEAN, ...context }, treeMetadata: false, stackTraces: false, analyticsReporting: false });
}
