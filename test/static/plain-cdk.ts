import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as servicediscovery from 'aws-cdk-lib/aws-servicediscovery';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';

const SERVICES: Record<string, string[]> = {
  webserver: ['api-server'],
  scheduler: ['scheduler'],
  dagprocessor: ['dag-processor'],
  triggerer: ['triggerer'],
  worker: ['celery', 'worker'],
  flower: ['celery', 'flower'],
  redis: ['redis-server'],
};

/**
 * The same architecture with the constructs of CDK and their defaults, as one would write it at first: what the static rules find in it is what they
 * find in CDK's defaults. It is measured only: as an Airflow it would lack its configuration.
 */
export function plainCdk(): Stack {
  const stack = new Stack(new App({ context: recommendedFlags }), 'Stack');
  const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const cluster = new ecs.Cluster(stack, 'Cluster', {
    vpc,
    defaultCloudMapNamespace: { name: 'airflow', type: servicediscovery.NamespaceType.DNS_PRIVATE },
  });
  const database = new rds.DatabaseCluster(stack, 'Database', {
    vpc,
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_9 }),
    writer: rds.ClusterInstance.serverlessV2('Writer'),
  });
  const logs = new s3.Bucket(stack, 'Logs');
  const secrets = ['FernetKey', 'RedisPassword', 'JwtSecret'].map(name => new secretsmanager.Secret(stack, name));

  for (const [name, command] of Object.entries(SERVICES)) {
    const taskDefinition = new ecs.FargateTaskDefinition(stack, `${name}Task`, { cpu: 512, memoryLimitMiB: 1024 });
    taskDefinition.addContainer(name, {
      image: ecs.ContainerImage.fromRegistry(name === 'redis' ? 'redis:8' : 'apache/airflow:3.3.2'),
      command,
      environment: { AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor' },
      secrets: Object.fromEntries([...secrets, database.secret!].map(secret => (
        [secret.node.id.toUpperCase(), ecs.Secret.fromSecretsManager(secret)]))),
      logging: ecs.LogDriver.awsLogs({ streamPrefix: name }),
    });
    const service = new ecs.FargateService(stack, name, { cluster, taskDefinition, cloudMapOptions: { name } });
    service.connections.allowTo(database, ec2.Port.tcp(5432));
    logs.grantReadWrite(taskDefinition.taskRole);
  }
  return stack;
}
