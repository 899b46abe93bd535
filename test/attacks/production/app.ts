import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { AirflowPreset, DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'Production');

new ServerlessAirflow(stack, 'Airflow', {
  preset: AirflowPreset.PRODUCTION,
  flower: { enabled: true },
  dags: [DagSource.directory(path.join(__dirname, '../dags'))],
});
