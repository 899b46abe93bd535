import { App, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AirflowVersion, DagSource, ServerlessAirflow, WorkerScaling } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'FromMwaa');

const airflow = new ServerlessAirflow(stack, 'Airflow', {
  version: AirflowVersion.V3_3_2,
  image: ecs.ContainerImage.fromAsset('bucket', { platform: Platform.LINUX_ARM64, exclude: ['dags'] }),
  dags: [DagSource.directory('bucket/dags')],
  // AirflowConfigurationOptions: core.default_task_retries is AIRFLOW__CORE__DEFAULT_TASK_RETRIES
  environment: { AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '3' },
  worker: { scaling: WorkerScaling.onQueue({ minWorkers: 1, maxWorkers: 5 }) },
});

// what the execution role of MWAA was allowed, here for tasks alone
s3.Bucket.fromBucketName(stack, 'Orders', 'example-orders').grantReadWrite(airflow);
