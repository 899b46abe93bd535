export { readAssembly, selectStack, type DagDirectoryMetadata, type Stack } from './assembly';
export { DagWatcher, syncDagDirectory, type DagDirectory, type DagWatcherOptions } from '../dags/dag-watcher';
export { deploy, DeploymentError, type DeployedResource, type Deployment, type DeployOptions, type ResourceEvent } from './deployment';
export { awsEnvironmentOf } from './physical-names';
