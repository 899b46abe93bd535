import { App, Stack } from 'aws-cdk-lib';

/** A stack with a known name in an environment without account and region, as users have it at first. */
export function newStack(name = 'Stack'): Stack {
  return new Stack(new App(), name);
}
