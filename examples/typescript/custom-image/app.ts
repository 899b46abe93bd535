import { App, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AirflowVersion, DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'CustomImage');

new ServerlessAirflow(stack, 'Airflow', {
  version: AirflowVersion.V3_3_2,
  image: ecs.ContainerImage.fromAsset('image', { platform: Platform.LINUX_ARM64 }),
  dags: [DagSource.directory('dags')],
});
