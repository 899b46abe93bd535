import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, Dependable } from 'constructs';
import { maxConnections } from './connection-budget';
import { AirflowDatabaseTlsOptions, IAirflowDatabase } from './database';
import { AirflowDatabaseClusterAttributes, AirflowDatabaseInstanceAttributes, EXISTING_TYPES, ExistingDatabase } from './existing-database';
import {
  defineDatabaseSecurityGroup, defineMasterSecret, MAJOR_VERSION, MASTER_USER, PARAMETERS, PARAMETERS_DESCRIPTION, PORT, protect, restoreFrom,
} from './postgres';
import { validateBackupRetention, validateCaBundle, validateCapacity, validateMonitoringInterval, validateReaders, validateSnapshot, validateSubnets } from './validation';
import { AirflowPreset } from '../preset/airflow-preset';
import { PRESET } from '../preset/preset-type';
import { DURATION, KEY, REMOVAL_POLICY, SUBNETS, VPC } from '../properties/cdk-types';
import { BOOLEAN, NUMBER, object, PropertyTypes, required, STRING, validateTypes } from '../properties/property-types';
import { warnIfDestroyable, warnOfOpenGroups } from '../warnings';

/** See MAJOR_VERSION. */
const VERSION = rds.AuroraPostgresEngineVersion.of(MAJOR_VERSION, MAJOR_VERSION);

/** Properties of an AirflowDatabase. */
export interface AirflowDatabaseProps extends AirflowDatabaseTlsOptions {
  /** The VPC that the database is placed in. It needs subnets in two availability zones at least. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets that the database is placed in.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * What holds where no other property says something else. The table of all values is in `docs/presets.md`.
   *
   * @default - the defaults below
   */
  readonly preset?: AirflowPreset;

  /**
   * Least capacity in Aurora capacity units (ACU, about 2 GiB of memory each), 0 to 256 in steps of 0.5.
   *
   * With 0 the database pauses when nothing is connected to it, which a running Airflow never allows.
   *
   * @default 0.5
   */
  readonly minCapacity?: number;

  /**
   * Greatest capacity in Aurora capacity units (ACU, about 2 GiB of memory each), 1 to 256 in steps of 0.5.
   *
   * @default 4
   */
  readonly maxCapacity?: number;

  /**
   * How many readers stand by in other availability zones, 0 to 15. One of them takes over when the writer is lost, within a minute or so;
   * without any, a new writer is made, which takes some minutes.
   *
   * @default 0
   */
  readonly readers?: number;

  /**
   * How often metrics of the operating system are recorded (Enhanced Monitoring): 1, 5, 10, 15, 30 or 60 seconds.
   *
   * @default - never
   */
  readonly monitoringInterval?: Duration;

  /**
   * How long automated backups are kept, 1 to 35 days.
   *
   * @default Duration.days(7)
   */
  readonly backupRetention?: Duration;

  /**
   * Whether the database refuses to be deleted. A first deployment that fails cannot be rolled back then: `docs/first-hour.md` says what to do.
   *
   * @default - true, unless it is deleted with the stack: `removalPolicy`, the preset or an aspect (`RemovalPolicies`) says `RemovalPolicy.DESTROY`
   */
  readonly deletionProtection?: boolean;

  /**
   * What happens to the database when it is removed from the stack.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Identifier or ARN of a snapshot that the database starts with: one of an AirflowDatabase, with the history of its Airflow. The FernetKey of that time
   * is needed as well. Giving, changing or removing it later replaces the database: keep it as it is.
   *
   * @default - it is empty
   */
  readonly snapshotIdentifier?: string;

  /**
   * Key that encrypts the storage, the snapshots and the master user's secret.
   *
   * @default - the AWS managed keys of RDS and Secrets Manager
   */
  readonly encryptionKey?: kms.IKey;
}

const TYPES: PropertyTypes<AirflowDatabaseProps> = {
  vpc: required(VPC),
  vpcSubnets: SUBNETS,
  preset: PRESET,
  minCapacity: NUMBER,
  maxCapacity: NUMBER,
  readers: NUMBER,
  monitoringInterval: DURATION,
  backupRetention: DURATION,
  deletionProtection: BOOLEAN,
  removalPolicy: REMOVAL_POLICY,
  snapshotIdentifier: STRING,
  encryptionKey: KEY,
  caBundle: STRING,
};

/**
 * Aurora Serverless v2 PostgreSQL: encrypted, private, TLS only, backed up, protected against deletion.
 *
 * @example
 * declare const vpc: ec2.IVpc;
 *
 * const database = new AirflowDatabase(this, 'Database', { vpc, maxCapacity: 16 });
 * new ServerlessAirflow(this, 'Airflow', { vpc, database });
 */
export class AirflowDatabase extends Construct implements IAirflowDatabase {
  /**
   * Use an existing Aurora PostgreSQL cluster.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct
   * @param attributes the cluster and its master user
   */
  public static fromCluster(scope: Construct, id: string, attributes: AirflowDatabaseClusterAttributes): IAirflowDatabase {
    validateTypes(attributes, { ...EXISTING_TYPES, cluster: required(object<rds.IDatabaseCluster>('a cluster of RDS', 'clusterEndpoint')) });
    return new ExistingDatabase(scope, id, attributes.cluster, attributes.cluster.clusterEndpoint, attributes);
  }

  /**
   * Use an existing PostgreSQL instance in RDS.
   *
   * @param scope the scope of the construct
   * @param id the id of the construct
   * @param attributes the instance and its master user
   */
  public static fromInstance(scope: Construct, id: string, attributes: AirflowDatabaseInstanceAttributes): IAirflowDatabase {
    validateTypes(attributes, { ...EXISTING_TYPES, instance: required(object<rds.IDatabaseInstance>('an instance of RDS', 'instanceEndpoint')) });
    return new ExistingDatabase(scope, id, attributes.instance, attributes.instance.instanceEndpoint, attributes);
  }

  /** The Aurora cluster. */
  public readonly cluster: rds.DatabaseCluster;

  /** Who may connect. */
  public readonly connections: ec2.Connections;

  /** Host name of the writer. */
  public readonly hostname: string;

  /** Port of the writer. */
  public readonly port: number = PORT;

  /** The master user's credentials. Only the migration step gets them. */
  public readonly masterSecret: secretsmanager.ISecret;

  /** Path of a file in the image, with the certificates of the authorities that the database's certificate is verified with; undefined if it is not. */
  public readonly caBundle?: string;

  /**
   * How many connections it takes at most, if that is known.
   *
   * @internal
   */
  public readonly _maxConnections?: number;

  constructor(scope: Construct, id: string, props: AirflowDatabaseProps) {
    super(scope, id);

    validateTypes(props, TYPES);
    const preset = props.preset ?? AirflowPreset._NONE;
    const defaults = preset._values.database;
    const minCapacity = props.minCapacity ?? defaults.minCapacity;
    const maxCapacity = props.maxCapacity ?? defaults.maxCapacity;
    const readers = props.readers ?? defaults.readers;
    const monitoringInterval = props.monitoringInterval ?? defaults.monitoringInterval;
    const backupRetention = props.backupRetention ?? defaults.backupRetention;
    validateCapacity(minCapacity, maxCapacity);
    validateReaders(readers);
    validateMonitoringInterval(monitoringInterval);
    validateBackupRetention(backupRetention);
    validateSubnets(props.vpc, props.vpcSubnets);
    validateCaBundle(props.caBundle);
    validateSnapshot(props.snapshotIdentifier);
    warnIfDestroyable(this, props, 'the database, without a snapshot,');
    warnOfOpenGroups(this);

    const removalPolicy = props.removalPolicy ?? preset._values.removalPolicy ?? RemovalPolicy.SNAPSHOT;
    const securityGroup = defineDatabaseSecurityGroup(this, props.vpc);
    const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: VERSION });
    const masterSecret = defineMasterSecret(this, props.encryptionKey);

    this.cluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: [securityGroup],
      port: PORT,
      credentials: rds.Credentials.fromSecret(masterSecret, MASTER_USER),
      writer: rds.ClusterInstance.serverlessV2('Writer', { publiclyAccessible: false }),
      // as large as the writer at any time: they are there to take over
      readers: Array.from({ length: readers }, (_, index) => rds.ClusterInstance.serverlessV2(`Reader${index + 1}`, { publiclyAccessible: false, scaleWithWriter: true })),
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', {
        engine,
        description: PARAMETERS_DESCRIPTION,
        parameters: PARAMETERS,
      }),
      storageEncrypted: true,
      storageEncryptionKey: props.encryptionKey,
      iamAuthentication: true,
      cloudwatchLogsExports: ['postgresql'],
      backup: { retention: backupRetention },
      monitoringInterval,
      copyTagsToSnapshot: true,
      removalPolicy,
    });
    const resource = this.cluster.node.defaultChild as rds.CfnDBCluster;
    // past the cluster's own checks, which refuse tokens
    resource.serverlessV2ScalingConfiguration = { minCapacity, maxCapacity };
    if (props.snapshotIdentifier !== undefined) { restoreFrom(resource, props.snapshotIdentifier); }
    protect(this, resource, props.deletionProtection);

    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });
    this.caBundle = props.caBundle;
    this._maxConnections = maxConnections(minCapacity, maxCapacity);
    this.hostname = this.cluster.clusterEndpoint.hostname;
    this.masterSecret = this.cluster.secret!;
    // the cluster's instances belong to it: a cluster exists before its writer accepts connections
    Dependable.implement(this, { dependencyRoots: [this.cluster] });
  }

  /**
   * A metric of the Aurora cluster, the average over five minutes.
   *
   * @param metricName name of the metric in the namespace `AWS/RDS`
   * @param props other statistic, period and so on
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.cluster.metric(metricName, props);
  }

  /**
   * Capacity in use, in Aurora capacity units.
   *
   * @param props other statistic, period and so on
   */
  public metricServerlessDatabaseCapacity(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.cluster.metricServerlessDatabaseCapacity(props);
  }

  /**
   * Number of connections.
   *
   * @param props other statistic, period and so on
   */
  public metricDatabaseConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.cluster.metricDatabaseConnections(props);
  }
}
