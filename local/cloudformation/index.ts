export { readAssembly, selectStack, type DagDirectoryMetadata, type Stack } from './assembly';
export { DagWatcher, syncDagDirectory, type DagDirectory, type DagWatcherOptions } from '../dags/dag-watcher';
export type { DeployedResource, Deployment } from './deployment';
export { LocalStack, type LocalStackOptions } from './local-stack';
export { formatDifference } from './difference';
export { DeploymentError } from './operation';
export { awsEnvironmentOf } from './physical-names';
export { deployedTemplate } from './stack-state';
export { readEvents, STACK_TYPE, type ResourceEvent, type StackEvent } from './stack-events';
