import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  AirflowBroker, AirflowCluster, AirflowComponent, AirflowDatabase, AirflowDatabaseInstance, AirflowMigration, AirflowSecret,
  AirflowSecrets, AirflowService, AirflowWorkerPool, DagSource, FernetKey, IAirflowDatabase, IFernetKey, PasswordPolicy, ServerlessAirflow,
  TaskLogs, TriggererScaling, WebAccess, WebServerScaling, WorkerCapacity, WorkerScaling,
} from '../../src';

const DAGS = join(__dirname, '..', '..', 'examples', 'typescript', 'getting-started', 'dags');

/** A stack with what structs need, each made when it is asked for. */
export class World {
  public readonly stack = new Stack(new App({ context: { '@aws-cdk/core:annotationsInValidationReport': false } }), 'Stack');
  /** Where the next thing is made. */
  public scope: Construct = this.stack;
  private readonly made = new Map<string, unknown>();

  public get vpc(): ec2.IVpc {
    return this.once('Vpc', id => ec2.Vpc.fromVpcAttributes(this.stack, id, {
      vpcId: 'vpc-12345678', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-11111111', 'subnet-22222222'], privateSubnetRouteTableIds: ['rtb-11111111', 'rtb-22222222'],
    }));
  }

  public get masterSecret(): secretsmanager.ISecret {
    return this.once('Master', id => new secretsmanager.Secret(this.stack, id));
  }

  public get rdsCluster(): rds.IDatabaseCluster {
    return this.once('RdsCluster', id => rds.DatabaseCluster.fromDatabaseClusterAttributes(this.stack, id, {
      clusterIdentifier: 'shared', clusterEndpointAddress: 'db.example.com', port: 5432, securityGroups: [this.group('RdsClusterGroup')],
    }));
  }

  public get rdsInstance(): rds.IDatabaseInstance {
    return this.once('RdsInstance', id => rds.DatabaseInstance.fromDatabaseInstanceAttributes(this.stack, id, {
      instanceIdentifier: 'shared', instanceEndpointAddress: 'db.example.com', port: 5432, securityGroups: [this.group('RdsInstanceGroup')],
    }));
  }

  public get database(): IAirflowDatabase {
    return this.once('Database', id => AirflowDatabase.fromCluster(this.stack, id, { cluster: this.rdsCluster, masterSecret: this.masterSecret }));
  }

  public get fernetKey(): IFernetKey {
    return this.once('FernetKey', id => FernetKey.fromSecret(this.stack, id, this.masterSecret));
  }

  public get parts() {
    return this.once('Parts', () => ({
      cluster: new AirflowCluster(this.stack, 'Cluster', { vpc: this.vpc }),
      secrets: new AirflowSecrets(this.stack, 'Secrets'),
      database: this.database,
      fernetKey: this.fernetKey,
      broker: AirflowBroker.redisOnFargate(),
      taskLogs: TaskLogs.s3(),
    }));
  }

  /** A whole deployment, for what is asked of one. */
  public get airflow(): ServerlessAirflow {
    const { vpc, database, fernetKey } = this;
    return this.once('Airflow', id => new ServerlessAirflow(this.stack, id, {
      vpc, database, fernetKey, worker: { scaling: WorkerScaling.onQueue({ maxWorkers: 2 }) },
    }));
  }

  public group(id: string): ec2.ISecurityGroup {
    return ec2.SecurityGroup.fromSecurityGroupId(this.stack, id, 'sg-12345678');
  }

  private once<T>(id: string, make: (id: string) => T): T {
    if (!this.made.has(id)) { this.made.set(id, make(id)); }
    return this.made.get(id) as T;
  }
}

const NIGHT = Schedule.cron({ hour: '0', minute: '0' });

/** Gives values, of any type, to what takes a struct. */
export type Maker = (world: World, values: any) => void;

/** A deployment whose other parts are small. */
function deployment(world: World, values: object): ServerlessAirflow {
  const { vpc, database, fernetKey } = world;
  return new ServerlessAirflow(world.scope, 'Airflow', { vpc, database, fernetKey, ...values });
}

export const MAKERS: Record<string, Maker> = {
  AirflowAlarmOptions: ({ airflow }, values) => { airflow.addAlarms(values); },
  AirflowBrokerElastiCacheOptions: ({ scope, parts }, values) => { AirflowBroker.elastiCache(values)._bind(scope, parts.cluster, parts.secrets); },
  AirflowBrokerExistingOptions: ({ scope, parts, masterSecret }, values) => {
    const secret = AirflowSecret.fromSecretsManager(masterSecret);
    AirflowBroker.existing({ host: 'redis.example.com', secret, ...values })._bind(scope, parts.cluster, parts.secrets);
  },
  AirflowBrokerRedisOnFargateOptions: ({ scope, parts }, values) => {
    AirflowBroker.redisOnFargate(values)._bind(scope, parts.cluster, parts.secrets);
  },
  AirflowClusterProps: ({ scope, vpc }, values) => {
    new AirflowCluster(scope, 'Made', 'ecsCluster' in values || 'natGateways' in values ? values : { vpc, ...values });
  },
  AirflowDatabaseClusterAttributes: ({ scope, rdsCluster, masterSecret }, values) => {
    AirflowDatabase.fromCluster(scope, 'Made', { cluster: rdsCluster, masterSecret, ...values });
  },
  AirflowDatabaseInstanceAttributes: ({ scope, rdsInstance, masterSecret }, values) => {
    AirflowDatabase.fromInstance(scope, 'Made', { instance: rdsInstance, masterSecret, ...values });
  },
  AirflowDatabaseInstanceProps: ({ scope, vpc }, values) => { new AirflowDatabaseInstance(scope, 'Made', { vpc, ...values }); },
  AirflowDatabaseProps: ({ scope, vpc }, values) => { new AirflowDatabase(scope, 'Made', { vpc, ...values }); },
  AirflowFirstWorkerPoolOptions: (world, worker) => { deployment(world, { worker }); },
  AirflowFlowerOptions: (world, flower) => { deployment(world, { flower }); },
  AirflowHibernationOptions: ({ airflow }, values) => { airflow.hibernate({ sleep: NIGHT, wake: NIGHT, ...values }); },
  AirflowMigrationProps: ({ scope, parts: { cluster, secrets, database, fernetKey } }, values) => {
    new AirflowMigration(scope, 'Made', { cluster, secrets, database, fernetKey, ...values });
  },
  AirflowSecretsProps: ({ scope }, values) => { new AirflowSecrets(scope, 'Made', values); },
  AirflowServiceOptions: (world, scheduler) => { deployment(world, { scheduler }); },
  AirflowServiceProps: ({ scope, parts }, values) => {
    new AirflowService(scope, 'Made', { ...parts, component: AirflowComponent.SCHEDULER, ...values });
  },
  AirflowTriggererOptions: (world, triggerer) => { deployment(world, { triggerer }); },
  AirflowWebServerOptions: (world, executionApi) => { deployment(world, { executionApi }); },
  AirflowWorkerPoolOptions: (world, worker) => { deployment(world, { worker }); },
  AirflowWorkerPoolProps: ({ scope, parts }, values) => { new AirflowWorkerPool(scope, 'Made', { ...parts, ...values }); },
  DagSourceBucketOptions: ({ stack, scope, parts }, values) => {
    DagSource.bucket(s3.Bucket.fromBucketName(scope, 'Bucket', 'dags'), 'dags', values)._bind(stack, parts.cluster);
  },
  DagSourceDirectoryOptions: ({ scope, parts }, values) => { DagSource.directory(DAGS, values)._bind(scope, parts.cluster); },
  DagSourceImageOptions: ({ scope, parts }, values) => { DagSource.image(values)._bind(scope, parts.cluster); },
  FernetKeyProps: ({ scope }, values) => { new FernetKey(scope, 'Made', values); },
  PasswordPolicyProps: ({ scope }, values) => { new AirflowSecrets(scope, 'Made', { passwordPolicy: new PasswordPolicy(values) }); },
  ServerlessAirflowProps: (world, values) => { deployment(world, values); },
  TaskLogsS3Options: ({ scope, parts }, values) => { TaskLogs.s3(values)._bind(scope, parts.cluster); },
  WebAccessLoadBalancerOptions: (world, values) => {
    const certificate = acm.Certificate.fromCertificateArn(world.scope, 'Certificate', 'arn:aws:acm:eu-central-1:123456789012:certificate/1');
    deployment(world, { webAccess: WebAccess.loadBalancer({ domain: 'airflow.example.com', certificate, allowFrom: [ec2.Peer.anyIpv4()], ...values }) });
  },
  WebAccessPrivateDnsOptions: (world, values) => { deployment(world, { webAccess: WebAccess.privateDns(values) }); },
  TriggererScalingOnTriggersOptions: (world, values) => {
    deployment(world, { triggerer: { scaling: TriggererScaling.onTriggers({ maxTasks: 2 ** 31, ...values }) } });
  },
  WebServerScalingOnCpuOptions: (world, values) => {
    deployment(world, { webServer: { scaling: WebServerScaling.onCpu({ maxTasks: 2 ** 31, ...values }) } });
  },
  WorkerScalingOnQueueOptions: (world, values) => {
    deployment(world, { worker: { scaling: WorkerScaling.onQueue({ maxWorkers: 2 ** 31, ...values }) } });
  },
  WorkerCapacitySpotOptions: (world, values) => { deployment(world, { worker: { desiredCount: 2 ** 31, capacity: WorkerCapacity.spot(values) } }); },
};

/** Structs that others extend, which have all of their properties. */
export const EXTENDED = ['AirflowDatabaseAttributes', 'AirflowDatabaseTlsOptions', 'AirflowImageOptions', 'AirflowParts'];
