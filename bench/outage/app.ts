import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'Outage');

const airflow = new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
});
// what the defaults are compared with
airflow.addWorkerPool('Upstream', {
  queues: ['upstream'],
  environment: {
    AIRFLOW__WORKERS__EXECUTION_API_RETRIES: '5',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MIN: '1',
    AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX: '90',
    AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS: '3',
  },
});
