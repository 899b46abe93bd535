import { App } from 'aws-cdk-lib';

/** Without stack traces: they would bring the paths of this machine into the snapshots. */
export function integApp(): App {
  return new App({ context: { 'aws:cdk:disable-creation-stack-traces': true, 'aws:cdk:disable-stack-trace': true } });
}
