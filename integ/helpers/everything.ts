import * as path from 'node:path';
import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  AirflowBroker, AirflowCluster, AirflowDatabase, AirflowPreset, AirflowSecrets, AirflowVersion, DagSource, FernetKey, PasswordPolicy,
  ServerlessAirflow, ServerlessAirflowProps, TaskLogs, WorkerCapacity,
} from '../../src';

const DAGS = path.join(__dirname, '..', '..', 'examples', 'typescript', 'getting-started', 'dags');

/**
 * Every property of every construct, with another value than its default, except what another one excludes: `integ.production.ts` has a VPC of
 * its own and no Flower. All data is deleted with the stack.
 */
export function everything(scope: Construct, change = (props: ServerlessAirflowProps) => props): ServerlessAirflow {
  const removalPolicy = RemovalPolicy.DESTROY;
  const encryptionKey = new kms.Key(scope, 'Key', { enableKeyRotation: true, removalPolicy });
  const vpc = new ec2.Vpc(scope, 'Vpc', {
    maxAzs: 3,
    natGateways: 1,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Airflow', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
  const cluster = new AirflowCluster(scope, 'Cluster', {
    preset: AirflowPreset.PRODUCTION,
    vpc,
    vpcSubnets: { subnetGroupName: 'Airflow' },
    containerInsights: ecs.ContainerInsights.DISABLED,
    namespaceName: 'reporting',
    logRetention: logs.RetentionDays.ONE_WEEK,
    encryptionKey,
    removalPolicy,
  });
  const connection = new secretsmanager.Secret(scope, 'Connection', { encryptionKey, removalPolicy });
  const secretEnvironment = { AIRFLOW_CONN_WAREHOUSE: ecs.Secret.fromSecretsManager(connection) };

  const airflow = new ServerlessAirflow(scope, 'Airflow', change({
    preset: AirflowPreset.PRODUCTION,
    cluster,
    version: AirflowVersion.of('3.3.2'),
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/example/airflow:3.3.2'),
    cpuArchitecture: ecs.CpuArchitecture.X86_64,
    dags: [DagSource.directory(DAGS, { name: 'orders', exclude: ['drafts'] }), DagSource.image({ name: 'baked', path: '/opt/airflow/baked' })],
    environment: { AIRFLOW__CORE__DEFAULT_TIMEZONE: 'Europe/Berlin' },
    taskLogs: TaskLogs.s3({ prefix: 'airflow/logs' }),
    database: new AirflowDatabase(scope, 'Database', {
      preset: AirflowPreset.DEVELOPMENT,
      vpc,
      vpcSubnets: { subnetGroupName: 'Data' },
      minCapacity: 1,
      maxCapacity: 16,
      caBundle: '/etc/ssl/rds.pem',
      readers: 2,
      monitoringInterval: Duration.seconds(30),
      backupRetention: Duration.days(14),
      deletionProtection: false,
      encryptionKey,
      removalPolicy,
    }),
    broker: AirflowBroker.redisOnFargate({
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/redis:8.2-alpine'),
      cpu: 512,
      memoryLimitMiB: 1024,
      cpuArchitecture: ecs.CpuArchitecture.X86_64,
    }),
    secrets: new AirflowSecrets(scope, 'Secrets', {
      passwordPolicy: new PasswordPolicy({ length: 40, excludeCharacters: '0O1lI' }),
      encryptionKey,
      removalPolicy,
    }),
    fernetKey: new FernetKey(scope, 'FernetKey', { encryptionKey, removalPolicy }),
    encryptionKey,
    removalPolicy,
    webServer: { cpu: 1024, memoryLimitMiB: 2048, desiredCount: 2, stopTimeout: Duration.seconds(45) },
    scheduler: { cpu: 1024, memoryLimitMiB: 2048, desiredCount: 2, environment: { AIRFLOW__SCHEDULER__MAX_TIS_PER_QUERY: '32' } },
    dagProcessor: { cpu: 1024, memoryLimitMiB: 2048, secretEnvironment },
    triggerer: { cpu: 512, memoryLimitMiB: 1024, desiredCount: 2, secretEnvironment },
    worker: {
      cpu: 2048,
      memoryLimitMiB: 8192,
      desiredCount: 2,
      concurrency: 8,
      queues: ['default', 'small'],
      capacity: WorkerCapacity.spot(),
      stopTimeout: Duration.seconds(110),
      secretEnvironment,
    },
    flower: { cpu: 512, memoryLimitMiB: 1024, enableExecuteCommand: true, environment: { AIRFLOW__CELERY__FLOWER_URL_PREFIX: '/flower' } },
  }));
  airflow.addWorkerPool('Reports', { cpu: 1024, memoryLimitMiB: 4096, queues: ['reports'], desiredCount: 1, ephemeralStorage: Size.gibibytes(50) });
  return airflow;
}
