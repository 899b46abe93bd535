import * as path from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow, WorkerScaling } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'Scaling');

const airflow = new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
  worker: { enabled: false },
});
airflow.addWorkerPool('Etl', {
  queues: ['default'],
  concurrency: 7,
  scaling: WorkerScaling.onQueue({ minWorkers: 0, maxWorkers: 2, scaleInAfter: Duration.minutes(1) }),
});
