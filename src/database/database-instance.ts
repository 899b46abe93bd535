import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, Dependable } from 'constructs';
import { AirflowDatabaseTlsOptions, IAirflowDatabase } from './database';
import {
  defineDatabaseSecurityGroup, defineMasterSecret, MAJOR_VERSION, MASTER_USER, PARAMETERS, PARAMETERS_DESCRIPTION, PORT, protect,
} from './postgres';
import { validateBackupRetention, validateCaBundle, validateMonitoringInterval, validateSnapshot, validateSubnets } from './validation';
import { DURATION, KEY, REMOVAL_POLICY, SUBNETS, VPC } from '../properties/cdk-types';
import { validateWholeNumber } from '../properties/numbers';
import { BOOLEAN, NUMBER, object, PropertyTypes, required, STRING, validateTypes } from '../properties/property-types';
import { warnIfDestroyable, warnOfOpenGroups } from '../warnings';

/** The least that the storage type gp3 has, and the most that RDS has. */
const LEAST_STORAGE = 20;
const MOST_STORAGE = 65536;

/** Properties of an AirflowDatabaseInstance. */
export interface AirflowDatabaseInstanceProps extends AirflowDatabaseTlsOptions {
  /** The VPC that the database is placed in. It needs subnets in two availability zones at least. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets that the database is placed in.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Size of the instance. How many connections it takes follows from its memory, somewhat less than 110 for each GiB.
   *
   * @default - t4g.small
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * Whether a second instance in another availability zone stands by. It takes over when the first one is lost, within a minute or two; without it the
   * database is away until RDS has repaired it. It doubles the price.
   *
   * @default false
   */
  readonly multiAz?: boolean;

  /**
   * Storage in GiB, 20 to 65536.
   *
   * @default 20
   */
  readonly allocatedStorage?: number;

  /**
   * What the storage may grow to by itself, in GiB, more than `allocatedStorage`.
   *
   * @default 100
   */
  readonly maxAllocatedStorage?: number;

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
   * @default - true, unless it is deleted with the stack: `removalPolicy` or an aspect (`RemovalPolicies`) says `RemovalPolicy.DESTROY`
   */
  readonly deletionProtection?: boolean;

  /**
   * What happens to the database when it is removed from the stack.
   *
   * @default RemovalPolicy.SNAPSHOT
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Identifier or ARN of a snapshot that the database starts with: one of an AirflowDatabaseInstance, with the history of its Airflow. The FernetKey of
   * that time is needed as well. Giving, changing or removing it later replaces the database: keep it as it is.
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

const TYPES: PropertyTypes<AirflowDatabaseInstanceProps> = {
  vpc: required(VPC),
  vpcSubnets: SUBNETS,
  instanceType: object<ec2.InstanceType>('an InstanceType, for example new InstanceType("t4g.small")', 'sameInstanceClassAs'),
  multiAz: BOOLEAN,
  allocatedStorage: NUMBER,
  maxAllocatedStorage: NUMBER,
  monitoringInterval: DURATION,
  backupRetention: DURATION,
  deletionProtection: BOOLEAN,
  removalPolicy: REMOVAL_POLICY,
  snapshotIdentifier: STRING,
  encryptionKey: KEY,
  caBundle: STRING,
};

/**
 * A PostgreSQL instance in RDS, the cheapest database for a small deployment: encrypted, private, TLS only, backed up, protected against deletion.
 *
 * @example
 * declare const vpc: ec2.IVpc;
 *
 * const database = new AirflowDatabaseInstance(this, 'Database', { vpc, instanceType: new ec2.InstanceType('t4g.medium'), multiAz: true });
 * new ServerlessAirflow(this, 'Airflow', { vpc, database });
 */
export class AirflowDatabaseInstance extends Construct implements IAirflowDatabase {
  /** The instance. */
  public readonly instance: rds.DatabaseInstanceBase;

  /** Who may connect. */
  public readonly connections: ec2.Connections;

  /** Host name of the instance. */
  public readonly hostname: string;

  /** Port of the instance. */
  public readonly port: number = PORT;

  /** The master user's credentials. Only the migration step gets them. */
  public readonly masterSecret: secretsmanager.ISecret;

  /** Path of a file in the image, with the certificates of the authorities that the database's certificate is verified with; undefined if it is not. */
  public readonly caBundle?: string;

  constructor(scope: Construct, id: string, props: AirflowDatabaseInstanceProps) {
    super(scope, id);

    validateProps(props);
    warnIfDestroyable(this, props, 'the database, without a snapshot,');
    warnOfOpenGroups(this);
    const securityGroup = defineDatabaseSecurityGroup(this, props.vpc);
    const masterSecret = defineMasterSecret(this, props.encryptionKey);
    const instance = this.defineInstance(props, securityGroup, masterSecret);
    this.instance = instance;
    protect(this, this.instance.node.defaultChild as rds.CfnDBInstance, props.deletionProtection);

    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(PORT) });
    this.caBundle = props.caBundle;
    this.hostname = this.instance.dbInstanceEndpointAddress;
    this.masterSecret = instance.secret!;
    Dependable.implement(this, { dependencyRoots: [instance] });
  }

  /**
   * A metric of the instance, the average over five minutes.
   *
   * @param metricName name of the metric in the namespace `AWS/RDS`
   * @param props other statistic, period and so on
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instance.metric(metricName, props);
  }

  /**
   * Storage that is left, in bytes.
   *
   * @param props other statistic, period and so on
   */
  public metricFreeStorageSpace(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instance.metricFreeStorageSpace(props);
  }

  /**
   * Number of connections.
   *
   * @param props other statistic, period and so on
   */
  public metricDatabaseConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.instance.metricDatabaseConnections(props);
  }

  private defineInstance(
    props: AirflowDatabaseInstanceProps, securityGroup: ec2.ISecurityGroup, masterSecret: secretsmanager.ISecret,
  ): rds.DatabaseInstance | rds.DatabaseInstanceFromSnapshot {
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of(MAJOR_VERSION, MAJOR_VERSION) });
    const settings = {
      engine,
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      securityGroups: [securityGroup],
      port: PORT,
      instanceType: props.instanceType ?? new ec2.InstanceType('t4g.small'),
      multiAz: props.multiAz ?? false,
      publiclyAccessible: false,
      storageType: rds.StorageType.GP3,
      allocatedStorage: props.allocatedStorage ?? LEAST_STORAGE,
      maxAllocatedStorage: props.maxAllocatedStorage ?? 100,
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', { engine, description: PARAMETERS_DESCRIPTION, parameters: PARAMETERS }),
      iamAuthentication: true,
      cloudwatchLogsExports: ['postgresql'],
      backupRetention: props.backupRetention ?? Duration.days(7),
      monitoringInterval: props.monitoringInterval,
      copyTagsToSnapshot: true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.SNAPSHOT,
    };
    const { snapshotIdentifier, encryptionKey } = props;
    return snapshotIdentifier === undefined
      ? new rds.DatabaseInstance(this, 'Instance', {
        ...settings, credentials: rds.Credentials.fromSecret(masterSecret, MASTER_USER), storageEncrypted: true, storageEncryptionKey: encryptionKey,
      })
      // encrypted as the snapshot is
      : new rds.DatabaseInstanceFromSnapshot(this, 'Instance', { ...settings, snapshotIdentifier, credentials: rds.SnapshotCredentials.fromSecret(masterSecret) });
  }
}

function validateProps(props: AirflowDatabaseInstanceProps): void {
  validateTypes(props, TYPES);
  const { instanceType, allocatedStorage = LEAST_STORAGE, maxAllocatedStorage } = props;
  if (instanceType && !Token.isUnresolved(instanceType.toString()) && /^(t[12]|[mr][1-4])\./.test(instanceType.toString())) {
    throw new Error(`property instanceType must be t3, m5, r5 or newer, which PostgreSQL ${MAJOR_VERSION} runs on in RDS, got ${instanceType.toString()}`);
  }
  validateWholeNumber('allocatedStorage', allocatedStorage, LEAST_STORAGE, MOST_STORAGE);
  if (maxAllocatedStorage !== undefined) {
    validateWholeNumber('maxAllocatedStorage', maxAllocatedStorage, Token.isUnresolved(allocatedStorage) ? LEAST_STORAGE : allocatedStorage + 1, MOST_STORAGE);
  }
  validateMonitoringInterval(props.monitoringInterval);
  validateBackupRetention(props.backupRetention);
  validateSubnets(props.vpc, props.vpcSubnets);
  validateCaBundle(props.caBundle);
  validateSnapshot(props.snapshotIdentifier);
}
