import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'Soak');

new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
  dagProcessor: {
    environment: {
      // instead of every 30 s
      AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL: '1',
      // each parse adds one byte to it
      SOAK_PARSES: '/tmp/parses',
    },
  },
});
