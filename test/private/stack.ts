import { App, Stack } from 'aws-cdk-lib';

/** A stack with a known name in an environment without account and region, as users have it at first. */
export function newStack(name = 'Stack'): Stack {
  return new Stack(newApp(), name);
}

/** What a synthesis writes beside the templates takes a third of its time, and no test looks at it. */
export function newApp(context?: Record<string, unknown>): App {
  return new App({ context, treeMetadata: false, stackTraces: false, analyticsReporting: false });
}
