import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AirflowCluster } from './airflow-cluster';
import { AirflowComponent } from './airflow-component';
import { AirflowSecrets } from './airflow-secrets';
import { AirflowService } from './airflow-service';
import { AirflowServiceOptions, AirflowServiceProps, AirflowWorkerOptions } from './airflow-service-props';
import type { AirflowVersion } from './airflow-version';
import { AirflowBroker } from './broker/airflow-broker';
import { DagSource } from './dags/dag-source';
import { AirflowDatabase, IAirflowDatabase } from './database/airflow-database';
import { FernetKey, IFernetKey } from './fernet-key/fernet-key';
import { AirflowMigration } from './migration/airflow-migration';
import { validateVariables } from './private/reserved-variables';
import { validateDags } from './private/validate-service';
import { TaskLogs } from './task-logs/task-logs';

/** Properties of ServerlessAirflow. */
export interface ServerlessAirflowProps {
  /**
   * The VPC that Airflow runs in. It needs DNS support, DNS hostnames and private subnets in two zones.
   *
   * @default - a new VPC with two zones and one NAT gateway
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets that tasks and database are placed in. They must not be public.
   *
   * @default - private subnets with egress
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Where Airflow runs. An AirflowCluster is for one Airflow deployment.
   *
   * @default - a new ECS cluster with the private DNS namespace `airflow`
   */
  readonly cluster?: AirflowCluster;

  /**
   * Where DAG files come from.
   *
   * @default - the folder `/opt/airflow/dags` of the image
   */
  readonly dags?: DagSource[];

  /**
   * The Airflow release.
   *
   * @default AirflowVersion.V3_3_2
   */
  readonly version?: AirflowVersion;

  /**
   * The image. It has to have the entry point of the official one, and the release that `version` says. A configuration file in it is read if the
   * variable `AIRFLOW_CONFIG` in `environment` names it.
   *
   * @default - the official image of the Airflow release, from Docker Hub
   */
  readonly image?: ecs.ContainerImage;

  /**
   * The processor architecture of all tasks. A custom image has to be made for it.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;

  /**
   * Additional environment variables of all components, for example `AIRFLOW__…` settings. They win over defaults of the library, but not over
   * what connects the components with each other.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Where task logs are kept.
   *
   * @default TaskLogs.s3()
   */
  readonly taskLogs?: TaskLogs;

  /**
   * The PostgreSQL database.
   *
   * @default - a new Aurora Serverless cluster
   */
  readonly database?: IAirflowDatabase;

  /**
   * What carries tasks from the scheduler to the workers.
   *
   * @default AirflowBroker.redisOnFargate()
   */
  readonly broker?: AirflowBroker;

  /**
   * The credentials.
   *
   * @default - generated in Secrets Manager
   */
  readonly secrets?: AirflowSecrets;

  /**
   * The key that stored connections and variables are encrypted with.
   *
   * @default - generated once, at the first deployment
   */
  readonly fernetKey?: IFernetKey;

  /**
   * What happens to everything that this construct defines and that holds data: database, secrets, Fernet key, buckets, log groups.
   *
   * WARNING: `RemovalPolicy.DESTROY` deletes all of it with the stack, switches the database's deletion protection off and deletes the objects in
   * the buckets. It is meant for development.
   *
   * @default - the database leaves a snapshot, everything else is retained
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Key that encrypts everything that this construct defines and that holds data.
   *
   * @default - keys that AWS manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Options of the web server.
   *
   * @default - one task with 0.5 vCPU and 1 GiB
   */
  readonly webServer?: AirflowServiceOptions;

  /**
   * Options of the scheduler.
   *
   * @default - one task with 0.5 vCPU and 1 GiB
   */
  readonly scheduler?: AirflowServiceOptions;

  /**
   * Options of the DAG processor.
   *
   * @default - one task with 0.5 vCPU and 1 GiB
   */
  readonly dagProcessor?: AirflowServiceOptions;

  /**
   * Options of the triggerer.
   *
   * @default - one task with 0.25 vCPU and 1 GiB
   */
  readonly triggerer?: AirflowServiceOptions;

  /**
   * Options of the worker.
   *
   * @default - one task with 1 vCPU and 4 GiB, which runs 7 tasks of DAGs at once
   */
  readonly worker?: AirflowWorkerOptions;

  /**
   * Options of Flower.
   *
   * @default - one task with 0.25 vCPU and 0.5 GiB
   */
  readonly flower?: AirflowServiceOptions;
}

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

  /** Flower. */
  public readonly flower: AirflowService;

  /** The network connections of `worker`, which DAG code runs on. */
  public readonly connections: ec2.Connections;

  /** The task role of `worker`, which DAG code runs with. */
  public readonly grantPrincipal: iam.IPrincipal;

  /** What all services are given. */
  private readonly common: Omit<AirflowServiceProps, 'component' | keyof AirflowWorkerOptions> & Pick<AirflowServiceProps, 'environment'>;

  constructor(scope: Construct, id: string, props: ServerlessAirflowProps = {}) {
    super(scope, id);

    validateProps(props);
    const { encryptionKey, removalPolicy } = props;
    const kept = { encryptionKey, removalPolicy: removalPolicy === RemovalPolicy.SNAPSHOT ? RemovalPolicy.RETAIN : removalPolicy };

    this.cluster = props.cluster ?? new AirflowCluster(this, 'Cluster', { vpc: props.vpc, vpcSubnets: props.vpcSubnets, ...kept });
    this.secrets = props.secrets ?? new AirflowSecrets(this, 'Secrets', kept);
    this.fernetKey = props.fernetKey ?? new FernetKey(this, 'FernetKey', kept);
    this.database = props.database ?? new AirflowDatabase(this, 'Database', {
      vpc: this.cluster.vpc,
      vpcSubnets: this.cluster.vpcSubnets,
      encryptionKey,
      removalPolicy,
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
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

    this.webServer = this.addService('WebServer', AirflowComponent.WEB_SERVER, props.webServer);
    this.scheduler = this.addService('Scheduler', AirflowComponent.SCHEDULER, props.scheduler);
    this.dagProcessor = this.addService('DagProcessor', AirflowComponent.DAG_PROCESSOR, props.dagProcessor);
    this.triggerer = this.addService('Triggerer', AirflowComponent.TRIGGERER, props.triggerer);
    this.worker = this.addService('Worker', AirflowComponent.WORKER, props.worker);
    this.flower = this.addService('Flower', AirflowComponent.FLOWER, props.flower);

    this.connections = this.worker.connections;
    this.grantPrincipal = this.worker.grantPrincipal;
  }

  /**
   * Adds another service of workers, for example with its own queues and size. Its permissions are its own, too.
   *
   * @param id id of the construct; its container is called `worker-` and the id in lowercase, with `-` for other characters
   * @param options size, number and queues
   */
  public addWorker(id: string, options: AirflowWorkerOptions = {}): AirflowService {
    return this.addService(id, AirflowComponent.WORKER, options, id.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase());
  }

  private addService(id: string, component: AirflowComponent, options: AirflowWorkerOptions = {}, workerName?: string): AirflowService {
    return new AirflowService(this, id, {
      ...this.common,
      ...options,
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
