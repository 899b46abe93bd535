import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AirflowDatabase, FernetKey } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'PartsAlone');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });

const fernetKey = new FernetKey(stack, 'FernetKey');
const database = new AirflowDatabase(stack, 'Database', { vpc, maxCapacity: 2 });

const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task', { cpu: 256, memoryLimitMiB: 512 });
taskDefinition.addContainer('app', {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/python:3.12-slim'),
  command: ['python', '-m', 'http.server', '8000'],
  environment: { PGHOST: database.hostname },
  secrets: {
    PGUSER: ecs.Secret.fromSecretsManager(database.masterSecret, 'username'),
    PGPASSWORD: ecs.Secret.fromSecretsManager(database.masterSecret, 'password'),
    FERNET_KEY: ecs.Secret.fromSecretsManager(fernetKey.key.secret),
  },
  logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'app' }),
});
const service = new ecs.FargateService(stack, 'Service', {
  cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
  taskDefinition,
  minHealthyPercent: 100,
});
service.node.addDependency(fernetKey); // the key is written first
database.connections.allowDefaultPortFrom(service, 'the app');
