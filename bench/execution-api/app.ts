import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow, WorkerScaling } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'ExecutionApi');

new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
  executionApi: {},
  worker: { memoryLimitMiB: 8192, concurrency: 12, scaling: WorkerScaling.onQueue({ maxWorkers: 1 }) },
});
