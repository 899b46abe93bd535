import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'RedisOutage');

new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
  worker: { concurrency: 20, memoryLimitMiB: 8192 },
  // so that tasks wait in Redis and not in the scheduler
  scheduler: { environment: { AIRFLOW__CORE__PARALLELISM: '64' } },
});
