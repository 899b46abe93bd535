import { RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { AirflowBroker } from './broker/airflow-broker';
import { AirflowCluster } from './cluster/airflow-cluster';
import { configVariables } from './container/airflow-config';
import { AirflowDatabase } from './database/airflow-database';
import type { IAirflowDatabase } from './database/database';
import { FernetKey, IFernetKey } from './fernet-key/fernet-key';
import { AirflowMigration } from './migration/airflow-migration';
import { AirflowPreset } from './preset/airflow-preset';
import type { PresetValues, ServiceValues, WorkerPoolValues } from './preset/preset-values';
import { required, shown, STRING, validateType, validateTypes } from './properties/property-types';
import { AirflowAlarmOptions, ScalerAlarms, validateAlarms } from './scaler/scaler-alarms';
import { scalerMetric } from './scaler/scaler-metric';
import { AirflowSecrets } from './secrets/airflow-secrets';
import { AirflowTriggererOptions, AirflowWebServerOptions, ServerlessAirflowProps } from './serverless-airflow-props';
import { validateProps } from './serverless-airflow-types';
import { AirflowComponent } from './service/airflow-component';
import { AirflowService } from './service/airflow-service';
import { AirflowParts, AirflowServiceOptions } from './service/airflow-service-props';
import { DagCode } from './service/dag-code';
import { AirflowHibernationOptions, Hibernation } from './service/hibernation';
import { scaleOnCpu } from './service/scale-on-cpu';
import { ScaledTriggerer } from './service/scaled-triggerer';
import { TaskLogs } from './task-logs/task-logs';
import { warnIfDestroyable, warnOfOpenGroups, warnOfPools, warnOfProduction } from './warnings';
import { WebAccess } from './web-access/web-access';
import { AirflowWorkerPool, AirflowWorkerPoolOptions, defaultQueue, WORKER_POOL_TYPES } from './workers/airflow-worker-pool';

/**
 * Apache Airflow 3 with the CeleryExecutor on ECS Fargate.
 *
 * Defines the services web server, scheduler, DAG processor, triggerer, worker and Flower, a Redis broker, an Aurora Serverless PostgreSQL
 * database, the credentials, the Fernet key, a bucket for task logs, and the migration that prepares the database before any service
 * starts. In the VPC the web server is `webserver.airflow:8080` and Flower `flower.airflow:5555`; neither can be reached from outside. Their user is
 * `admin`, and the passwords are in Secrets Manager.
 *
 * Tasks run on workers: permissions that are granted to this construct, and connections that are allowed from it, are those of `worker`. Callbacks
 * of DAGs, what a DAG file does when it is read, and triggers run elsewhere: `dagCode` is all of it. Without further rules DAG code connects to HTTPS
 * servers only.
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

  /** The Execution API, if it is a service of its own. */
  public readonly executionApi?: AirflowService;

  /** What people get to the web server by; undefined unless `webAccess` is a load balancer. */
  public readonly loadBalancer?: elbv2.ApplicationLoadBalancer;

  /** The scheduler. */
  public readonly scheduler: AirflowService;

  /** The DAG processor. */
  public readonly dagProcessor: AirflowService;

  /** The triggerer. */
  public readonly triggerer: AirflowService;

  /** Flower; undefined if it is switched off. */
  public readonly flower?: AirflowService;

  /** Everything that code of DAGs runs in: workers of all pools, the DAG processor, the triggerer. */
  public readonly dagCode: DagCode;

  private readonly preset: PresetValues;

  private readonly firstPool?: AirflowWorkerPool;

  /** Those that this construct defines. */
  private readonly pools: AirflowWorkerPool[] = [];

  private alarms?: ScalerAlarms;

  private hibernation?: Hibernation;

  /** What all services share. */
  private readonly parts: AirflowParts;

  /** Variables of all components. */
  private readonly environment: { [name: string]: string };

  constructor(scope: Construct, id: string, props: ServerlessAirflowProps = {}) {
    super(scope, id);

    validateProps(props);
    warnIfDestroyable(this, props, 'everything that this construct defines and that holds data');
    warnOfOpenGroups(this);
    this.preset = (props.preset ?? AirflowPreset._NONE)._values;
    const { encryptionKey, removalPolicy = this.preset.removalPolicy } = props;
    const withoutSnapshots = removalPolicy === RemovalPolicy.SNAPSHOT ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : removalPolicy;
    const kept = { encryptionKey, removalPolicy: withoutSnapshots };

    this.cluster = props.cluster ?? new AirflowCluster(this, 'Cluster', {
      preset: props.preset,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      ...kept,
    });
    const { enabled: flowerEnabled = this.preset.flower.enabled, ...flower } = props.flower ?? {};
    this.secrets = props.secrets ?? new AirflowSecrets(this, 'Secrets', { ...kept, flowerEnabled, broker: props.broker?._password });
    this.fernetKey = props.fernetKey ?? new FernetKey(this, 'FernetKey', kept);
    this.database = props.database ?? new AirflowDatabase(this, 'Database', {
      vpc: this.cluster.vpc,
      vpcSubnets: this.cluster.vpcSubnets,
      preset: props.preset,
      encryptionKey,
      removalPolicy: props.removalPolicy,
    });
    this.broker = props.broker ?? AirflowBroker.redisOnFargate({ cpuArchitecture: props.cpuArchitecture });
    this.broker._bind(this, this.cluster, this.secrets);
    const taskLogs = props.taskLogs ?? TaskLogs.s3();
    this.logBucket = taskLogs._bind(this, this.cluster).bucket;
    this.dagBucket = props.dags?.map(dags => dags._bind(this, this.cluster).bucket).find(bucket => bucket);
    const { version, image, cpuArchitecture, dags } = props;
    const { cluster, secrets, database, fernetKey } = this;
    const shared = { cluster, secrets, database, fernetKey, version, image, cpuArchitecture };
    const webAccess = props.webAccess ?? WebAccess.privateDns();
    this.environment = { ...webAccess._environment, ...configVariables(props.airflowConfig), ...props.environment };
    this.migration = new AirflowMigration(this, 'Migration', { ...shared, environment: this.environment });
    this.parts = { ...shared, broker: this.broker, taskLogs, dags, migration: this.migration };

    this.executionApi = props.executionApi && this.addWebServer('ExecutionApi', AirflowComponent.EXECUTION_API, this.preset.executionApi, props.executionApi);
    this.webServer = this.addWebServer('WebServer', this.executionApi ? AirflowComponent.USER_INTERFACE : AirflowComponent.WEB_SERVER, this.preset.webServer, props.webServer);
    this.loadBalancer = webAccess._open(this, this.webServer, this.cluster.vpc);
    this.scheduler = this.addService('Scheduler', AirflowComponent.SCHEDULER, this.preset.scheduler, props.scheduler);
    this.dagProcessor = this.addService('DagProcessor', AirflowComponent.DAG_PROCESSOR, this.preset.dagProcessor, props.dagProcessor);
    this.triggerer = this.addTriggerer(this.preset.triggerer, props.triggerer);
    const { enabled: workerEnabled = true, ...worker } = props.worker ?? {};
    this.firstPool = workerEnabled ? this.definePool('Worker', worker) : undefined;
    this.flower = flowerEnabled ? this.addService('Flower', AirflowComponent.FLOWER, {}, flower) : undefined;

    if (props.preset === AirflowPreset.PRODUCTION) {
      warnOfProduction(this, { removalPolicy, imageName: this.webServer.container.imageName });
    }
    this.dagCode = DagCode._of(...this.firstPool ? [this.firstPool] : [], this.dagProcessor, this.triggerer);
    this.checkPools();
  }

  /** The first pool of workers. There is none if its option `enabled` is false, and asking for it is an error then. */
  public get worker(): AirflowWorkerPool {
    if (!this.firstPool) {
      throw new Error('property worker.enabled must not be false where the first pool of workers is used: take a pool that addWorkerPool returns, or dagCode');
    }
    return this.firstPool;
  }

  /** The network connections of `worker`, which tasks run on. Other code of DAGs: `dagCode`. */
  public get connections(): ec2.Connections {
    return this.worker.connections;
  }

  /** The task role of `worker`, which tasks run with. Other code of DAGs: `dagCode`. */
  public get grantPrincipal(): iam.IPrincipal {
    return this.worker.grantPrincipal;
  }

  /**
   * Adds another pool of workers, for example with its own queues and size. Its permissions are its own and those of `dagCode`. A preset counts for it as well.
   *
   * @param id id of the construct; its container is called `worker-` and the id in lowercase, with `-` for other characters
   * @param options size, number and queues
   */
  public addWorkerPool(id: string, options: AirflowWorkerPoolOptions = {}): AirflowWorkerPool {
    validateType('id', id, required(STRING));
    validateTypes(options, WORKER_POOL_TYPES);
    if (id.length > 100 || !/[A-Za-z0-9]/.test(id)) {
      throw new Error(`property id must be up to 100 characters, with a letter or digit among them, got ${JSON.stringify(id)}`);
    }
    if (this.node.tryFindChild(id)) {
      throw new Error(`property id must be one that nothing of this deployment has, got ${JSON.stringify(id)}: its part ${JSON.stringify(id)} does`);
    }
    const pool = this.definePool(id, options, id.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '').toLowerCase());
    this.dagCode._add(pool);
    return pool;
  }

  /**
   * How many more tasks of DAGs the schedulers would queue. With none, tasks wait whatever workers there are. Written while a pool has `WorkerScaling.onQueue`, as are
   * all metrics that are no pool's own.
   *
   * @param props other statistic, period and so on; the maximum over a minute otherwise
   */
  public metricOpenSlots(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return scalerMetric(this, this.cluster, 'OpenSlots', {}, props);
  }

  /**
   * How many tasks of DAGs the schedulers hold back, because of pools of Airflow, limits of DAGs or `[core] parallelism`.
   *
   * @param props other statistic, period and so on; the maximum over a minute otherwise
   */
  public metricScheduledTasks(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return scalerMetric(this, this.cluster, 'TasksScheduled', {}, props);
  }

  /**
   * How many tasks wait in queues that no pool of workers has.
   *
   * @param props other statistic, period and so on; the maximum over a minute otherwise
   */
  public metricUnservedTasks(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return scalerMetric(this, this.cluster, 'UnservedTasks', {}, props);
  }

  /**
   * Adds alarms for tasks that wait until somebody helps: the schedulers have no open slots, a queue has no pool, the scaler is silent; and for each pool with
   * `WorkerScaling.onQueue`, later ones of `addWorkerPool` as well, tasks are queued for too long, and workers do not start. `docs/scaling.md` has their limits.
   *
   * @param options what they do, and how long a task may wait
   *
   * @example
   * declare const airflow: ServerlessAirflow;
   * declare const topic: sns.ITopic;
   *
   * airflow.addAlarms({ actions: [new actions.SnsAction(topic)], longestWait: Duration.minutes(5) });
   */
  public addAlarms(options: AirflowAlarmOptions = {}): void {
    validateAlarms(options);
    if (this.alarms) {
      throw new Error(`property options must have all that alarms do, in one call of addAlarms, got a second one for ${this.node.path}`);
    }
    const alarms = this.alarms = new ScalerAlarms(this, 'Alarms', this.cluster, options);
    const following = () => this.pools.filter(({ _following }) => _following);
    following().forEach(pool => alarms.watch(pool));
    this.node.addValidation({ validate: () => following().length > 0 ? [] : [NOTHING_TO_WATCH] });
  }

  /**
   * Lets the deployment sleep when nobody needs it: no tasks of its services run, Redis aside, and a database with `minCapacity: 0` pauses. `docs/scaling.md` says what
   * goes on to cost money, and what becomes of tasks.
   *
   * @param options when
   *
   * @example
   * declare const airflow: ServerlessAirflow;
   *
   * airflow.hibernate({
   *   sleep: appscaling.Schedule.cron({ hour: '20', minute: '0' }),
   *   wake: appscaling.Schedule.cron({ hour: '6', minute: '50', weekDay: 'MON-FRI' }),
   *   timeZone: TimeZone.EUROPE_BERLIN,
   * });
   */
  public hibernate(options: AirflowHibernationOptions): void {
    if (this.hibernation) {
      throw new Error(`property options must have the only times of sleep, in one call of hibernate, got a second one for ${this.node.path}`);
    }
    const hibernation = this.hibernation = new Hibernation(options);
    this.cluster._services.drain = hibernation.drain;
    const services = [this.scheduler, this.webServer, this.executionApi, this.dagProcessor, this.triggerer, this.flower, ...this.pools];
    services.forEach(service => service && hibernation.add(service));
  }

  /** When all are added. */
  private checkPools(): void {
    const { _services: services } = this.cluster;
    this.node.addValidation({
      validate: () => services.pools.length > 0 ? [] : ['property worker.enabled must not be false without another pool of workers: add one with addWorkerPool'],
    });
    warnOfPools(this, () => ({
      queues: new Set(services.pools.flatMap(({ _queues: queues = [] }) => queues)),
      defaultQueue: defaultQueue(this.environment),
      number: services.pools.length,
    }));
  }

  private addService(id: string, component: AirflowComponent, preset: Partial<ServiceValues>, options?: AirflowServiceOptions): AirflowService {
    return new AirflowService(this, id, { ...this.parts, ...this.withDefaults(preset, options), component });
  }

  private addWebServer(id: string, component: AirflowComponent, preset: ServiceValues, options: AirflowWebServerOptions = {}): AirflowService {
    const { scaling, ...service } = options;
    validateCount(options);
    const server = this.addService(id, component, preset, service);
    if (scaling) { scaleOnCpu(server, scaling, preset.desiredCount); }
    return server;
  }

  private addTriggerer(preset: ServiceValues, options: AirflowTriggererOptions = {}): AirflowService {
    const { scaling, ...service } = options;
    validateCount(options);
    const props = { ...this.parts, ...this.withDefaults(preset, service), component: AirflowComponent.TRIGGERER };
    return scaling ? new ScaledTriggerer(this, 'Triggerer', props, scaling, preset.desiredCount) : new AirflowService(this, 'Triggerer', props);
  }

  private definePool(id: string, options?: AirflowWorkerPoolOptions, poolName?: string): AirflowWorkerPool {
    const { desiredCount, ...preset } = this.preset.worker;
    // the way to say how many there are that is given wins over that of the preset
    const defaults = options?.scaling ? preset : { desiredCount, ...preset };
    const pool = new AirflowWorkerPool(this, id, { ...this.parts, ...this.withDefaults(defaults, options), poolName });
    this.pools.push(pool);
    if (pool._following) { this.alarms?.watch(pool); }
    this.hibernation?.add(pool);
    return pool;
  }

  /** Options of a service, where they are given, before the preset, and with the variables of all components. */
  private withDefaults(preset: Partial<WorkerPoolValues>, options?: AirflowWorkerPoolOptions): AirflowWorkerPoolOptions {
    const given = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
    return { ...preset, ...given, environment: { ...this.environment, ...options?.environment } };
  }
}

const NOTHING_TO_WATCH = 'property scaling must be WorkerScaling.onQueue for one pool at least where addAlarms is called, got fixed numbers of workers: nobody writes the metrics';

function validateCount({ scaling, desiredCount }: { scaling?: object; desiredCount?: number }): void {
  if (scaling && desiredCount !== undefined) {
    throw new Error(`property desiredCount must be left out when property scaling is given, got ${shown(desiredCount)}: scaling says how many tasks there are`);
  }
}
