import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'Large');

new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
});
