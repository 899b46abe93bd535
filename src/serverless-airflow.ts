import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AirflowBroker } from './broker/airflow-broker';
import { AirflowCluster } from './cluster/airflow-cluster';
import { AirflowDatabase, IAirflowDatabase } from './database/airflow-database';
import { FernetKey, IFernetKey } from './fernet-key/fernet-key';
import { AirflowMigration } from './migration/airflow-migration';
import { AirflowPreset } from './preset/airflow-preset';
import type { PresetValues, ServiceValues } from './preset/preset-values';
import { AirflowSecrets } from './secrets/airflow-secrets';
import { ServerlessAirflowProps } from './serverless-airflow-props';
import { AirflowComponent } from './service/airflow-component';
import { AirflowService } from './service/airflow-service';
import { AirflowServiceProps, AirflowWorkerOptions } from './service/airflow-service-props';
import { validateVariables } from './service/reserved-variables';
import { validateDags } from './service/validate-service';
import { TaskLogs } from './task-logs/task-logs';
import { warnIfDestroyable, warnOfOpenGroups } from './warnings';

/**
 * Apache Airflow 3 with the CeleryExecutor on ECS Fargate.
 *
 * Defines the services web server, scheduler, DAG processor, triggerer, worker and Flower, a Redis broker, an Aurora Serverless PostgreSQL
 * database, the credentials, the Fernet key, a bucket for task logs, and the migration that prepares the database before any service
 * starts. In the VPC the web server is `webserver.airflow:8080` and Flower `flower.airflow:5555`; neither can be reached from outside. Their user is
 * `admin`, and the passwords are in Secrets Manager.
 *
 * DAG code runs on workers: permissions that are granted to this construct, and connections that are allowed from it, are those of `worker`.
 * Without further rules it connects to HTTPS servers only.
 *
 * @example
 * declare const bucket: s3.Bucket;
 *
 * const airflow = new ServerlessAirflow(this, 'Airflow', {
 *   dags: [DagSource.directory('./dags')],
 * });
 * bucket.grantRead(airflow);
 */
export class ServerlessAirflow extends Construct implements iam.IGrantable, ec2.IConnectable {
  /** Where it runs: ECS cluster, private DNS namespace, log group. */
  public readonly cluster: AirflowCluster;

  /** The credentials. */
  public readonly secrets: AirflowSecrets;

  /** The key that stored connections and variables are encrypted with. */
  public readonly fernetKey: IFernetKey;

  /** The PostgreSQL database. */
  public readonly database: IAirflowDatabase;

  /** What carries tasks from the scheduler to the workers. */
  public readonly broker: AirflowBroker;

  /** The step that prepares the database. Every service waits for it. */
  public readonly migration: AirflowMigration;

  /** The bucket that DAG directories are uploaded to; undefined if there are none. */
  public readonly dagBucket?: s3.IBucket;

  /** The bucket of task logs; undefined if they are kept elsewhere. */
  public readonly logBucket?: s3.IBucket;

  /** The web server. */
  public readonly webServer: AirflowService;

  /** The scheduler. */
  public readonly scheduler: AirflowService;

  /** The DAG processor. */
  public readonly dagProcessor: AirflowService;

  /** The triggerer. */
  public readonly triggerer: AirflowService;

  /** The first service of workers. */
  public readonly worker: AirflowService;

  /** Flower; undefined if it is switched off. */
  public readonly flower?: AirflowService;

  /** The network connections of `worker`, which DAG code runs on. */
  public readonly connections: ec2.Connections;

  /** The task role of `worker`, which DAG code runs with. */
  public readonly grantPrincipal: iam.IPrincipal;

  private readonly preset: PresetValues;

  /** What all services are given. */
  private readonly common: Omit<AirflowServiceProps, 'component' | keyof AirflowWorkerOptions> & Pick<AirflowServiceProps, 'environment'>;

  constructor(scope: Construct, id: string, props: ServerlessAirflowProps = {}) {
    super(scope, id);

    validateProps(props);
    warnIfDestroyable(this, props, 'everything that this construct defines and that holds data');
    warnOfOpenGroups(this);
    this.preset = (props.preset ?? AirflowPreset._NONE)._values;
    const { encryptionKey, removalPolicy = this.preset.removalPolicy } = props;
    const kept = { encryptionKey, removalPolicy: removalPolicy === RemovalPolicy.SNAPSHOT ? RemovalPolicy.RETAIN : removalPolicy };

    this.cluster = props.cluster ?? new AirflowCluster(this, 'Cluster', {
      preset: props.preset,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      ...kept,
    });
    this.secrets = props.secrets ?? new AirflowSecrets(this, 'Secrets', kept);
    this.fernetKey = props.fernetKey ?? new FernetKey(this, 'FernetKey', kept);
    this.database = props.database ?? new AirflowDatabase(this, 'Database', {
      vpc: this.cluster.vpc,
      vpcSubnets: this.cluster.vpcSubnets,
      preset: props.preset,
      encryptionKey,
      removalPolicy: props.removalPolicy,
      deletionProtection: props.removalPolicy && props.removalPolicy !== RemovalPolicy.DESTROY,
    });
    this.broker = props.broker ?? AirflowBroker.redisOnFargate({ cpuArchitecture: props.cpuArchitecture });
    this.broker._bind(this, this.cluster, this.secrets);
    const taskLogs = props.taskLogs ?? TaskLogs.s3();
    this.logBucket = taskLogs._bind(this, this.cluster).bucket;
    this.dagBucket = props.dags?.map(dags => dags._bind(this, this.cluster).bucket).find(bucket => bucket);
    this.migration = new AirflowMigration(this, 'Migration', {
      cluster: this.cluster,
      database: this.database,
      secrets: this.secrets,
      fernetKey: this.fernetKey,
      version: props.version,
      image: props.image,
      cpuArchitecture: props.cpuArchitecture,
      environment: props.environment,
    });
    this.common = {
      cluster: this.cluster,
      secrets: this.secrets,
      fernetKey: this.fernetKey,
      database: this.database,
      broker: this.broker,
      taskLogs,
      migration: this.migration,
      version: props.version,
      image: props.image,
      cpuArchitecture: props.cpuArchitecture,
      dags: props.dags,
      environment: props.environment,
    };

    this.webServer = this.addService('WebServer', AirflowComponent.WEB_SERVER, this.preset.webServer, props.webServer);
    this.scheduler = this.addService('Scheduler', AirflowComponent.SCHEDULER, this.preset.scheduler, props.scheduler);
    this.dagProcessor = this.addService('DagProcessor', AirflowComponent.DAG_PROCESSOR, this.preset.dagProcessor, props.dagProcessor);
    this.triggerer = this.addService('Triggerer', AirflowComponent.TRIGGERER, this.preset.triggerer, props.triggerer);
    this.worker = this.addService('Worker', AirflowComponent.WORKER, this.preset.worker, props.worker);
    const { enabled = true, ...flower } = props.flower ?? {};
    this.flower = enabled ? this.addService('Flower', AirflowComponent.FLOWER, {}, flower) : undefined;

    this.connections = this.worker.connections;
    this.grantPrincipal = this.worker.grantPrincipal;
  }

  /**
   * Adds another service of workers, for example with its own queues and size. Its permissions are its own, too. A preset counts for it as well.
   *
   * @param id id of the construct; its container is called `worker-` and the id in lowercase, with `-` for other characters
   * @param options size, number and queues
   */
  public addWorker(id: string, options: AirflowWorkerOptions = {}): AirflowService {
    return this.addService(id, AirflowComponent.WORKER, this.preset.worker, options, id.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase());
  }

  private addService(
    id: string,
    component: AirflowComponent,
    preset: Partial<ServiceValues>,
    options: AirflowWorkerOptions = {},
    workerName?: string,
  ): AirflowService {
    return new AirflowService(this, id, {
      ...this.common,
      ...options,
      desiredCount: options.desiredCount ?? preset.desiredCount,
      useSpot: options.useSpot ?? preset.useSpot,
      environment: { ...this.common.environment, ...options.environment },
      component,
      workerName,
    });
  }
}

function validateProps(props: ServerlessAirflowProps): void {
  for (const property of ['vpc', 'vpcSubnets'] as const) {
    if (props.cluster && props[property]) {
      throw new Error(`property ${property} must be left out when property cluster is given: the AirflowCluster has its own`);
    }
  }
  validateVariables('environment', props.environment ?? {});
  validateDags(props.dags);
}
