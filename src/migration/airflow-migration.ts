import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, Dependable } from 'constructs';
import { ADMIN, DATABASES } from './programs';
import { Binding, Bindings } from '../binding';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { claim } from '../cluster/claim';
import { addAirflowContainer, AirflowImageOptions, airflowVersion, IMAGE_TYPES } from '../container/airflow-container';
import { PART_TYPES } from '../container/part-types';
import { validateVariables } from '../container/reserved-variables';
import { sharedEnvironment } from '../container/shared-environment';
import { CustomResourceFunction } from '../custom-resource/custom-resource-function';
import { libpqVariables, metadataDatabase } from '../database/connections';
import type { IAirflowDatabase } from '../database/database';
import { writableFolders } from '../fargate/container-security';
import { addedRules, defineSecurityGroup } from '../fargate/security-group';
import { defineTaskDefinition } from '../fargate/task-definition';
import { bindFernetKey, IFernetKey } from '../fernet-key/fernet-key';
import { DURATION, ENVIRONMENT } from '../properties/cdk-types';
import { validateWhole } from '../properties/durations';
import { PropertyTypes, required, validateTypes } from '../properties/property-types';
import { AirflowSecret } from '../secrets/airflow-secret';
import type { AirflowSecrets } from '../secrets/airflow-secrets';
import { warnOfVulnerabilities } from '../warnings';

const LOG_STREAM_PREFIX = 'migration';
const MEMORY_MIB = 2048;

/** What CloudFormation waits at most for a custom resource. */
const SERVICE_TIMEOUT = Duration.hours(1);
/** The rest is for delivery of the request and the answer. */
const LONGEST_WAIT = SERVICE_TIMEOUT.minus(Duration.minutes(2));

/** The check of the image's entry point wants the database that the first container makes. */
const WITHOUT_CHECK: Binding = { environment: { CONNECTION_CHECK_MAX_COUNT: '0' } };

/** Properties of an AirflowMigration. */
export interface AirflowMigrationProps extends AirflowImageOptions {
  /** Where the migration runs. */
  readonly cluster: AirflowCluster;

  /** The database server that is prepared. */
  readonly database: IAirflowDatabase;

  /** The passwords of the databases' roles and of the first admin user. */
  readonly secrets: AirflowSecrets;

  /** The key that migrations encrypt with. */
  readonly fernetKey: IFernetKey;

  /**
   * Additional environment variables, for example `AIRFLOW__…` settings that the services have as well.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * How long a deployment waits for the migration, 1 to 58 minutes. Then the deployment fails, the migration goes on, and the next deployment
   * waits for it.
   *
   * @default Duration.minutes(58)
   */
  readonly timeout?: Duration;
}

const TYPES: PropertyTypes<AirflowMigrationProps> = {
  ...IMAGE_TYPES,
  cluster: required(PART_TYPES.cluster),
  database: required(PART_TYPES.database),
  secrets: required(PART_TYPES.secrets),
  fernetKey: required(PART_TYPES.fernetKey),
  environment: ENVIRONMENT,
  timeout: DURATION,
};

/**
 * Prepares the database at each deployment that changes the image, the settings or the passwords' secrets, before any service starts.
 *
 * One Fargate task makes the databases, their roles and Celery's tables with the master user's credentials, which nothing else gets,
 * migrates Airflow's tables, and creates the first admin user. Each step does only what is missing. If a step fails, the deployment
 * fails and names the container, its exit code, the reason and the log stream. A task that could not start, for want of capacity for
 * example, is tried again until `timeout`.
 *
 * There is one task at a time, and none is stopped while it migrates: one that takes longer than `timeout` goes on when its deployment has
 * failed, the roll-back leaves it alone, and the next deployment waits for it before anything else. Only the deletion of the stack stops it.
 *
 * Whatever needs a migrated database depends on this construct.
 *
 * WARNING: CloudFormation's roll-back runs the older task again, which restores the older passwords, but does not downgrade tables. After
 * the deployment of a newer Airflow release has failed beyond this step, the stack is rolled back, and the older release can refuse the
 * migrated database: deploy the newer release again, or restore a snapshot.
 *
 * @example
 * declare const cluster: AirflowCluster;
 * declare const database: AirflowDatabase;
 * declare const secrets: AirflowSecrets;
 * declare const fernetKey: FernetKey;
 *
 * new AirflowMigration(this, 'Migration', { cluster, database, secrets, fernetKey });
 */
export class AirflowMigration extends Construct implements ec2.IConnectable {
  /** Network connections of the migration task. */
  public readonly connections: ec2.Connections;

  /** The task definition, whose containers are `databases`, `migrate` and `admin`. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;

  constructor(scope: Construct, id: string, props: AirflowMigrationProps) {
    super(scope, id);

    validateTypes(props, TYPES);
    const timeout = props.timeout ?? LONGEST_WAIT;
    validateTimeout(timeout);
    validateVariables('environment', props.environment ?? {});
    warnOfVulnerabilities(this, airflowVersion(props)); // here, because each deployment has one migration

    const { cluster, database, fernetKey } = props;
    this.claimDatabase(database);
    const securityGroup = defineSecurityGroup(this, cluster.vpc, 'migration');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    const rules = addedRules(this, database, () => this.connections.allowToDefaultPort(database, 'migration to database'));
    this.taskDefinition = this.defineTask(props);

    const subnets = cluster.vpc.selectSubnets(cluster.vpcSubnets);
    const handler = new CustomResourceFunction(this, 'Function', {
      description: 'Airflow: runs the migration task and waits for its end',
      invokesItself: true, // for longer than one invocation can last
      handler: 'migration/migration.lambda',
      timeout: Duration.minutes(15),
      statements: this.permissions(cluster),
      logRetention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: cluster._removalPolicy,
    });
    const customResource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::AirflowMigration',
      serviceToken: handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        ClusterArn: cluster.ecsCluster.clusterArn,
        TaskDefinitionArn: this.taskDefinition.taskDefinitionArn,
        SubnetIds: subnets.subnetIds,
        SecurityGroupId: securityGroup.securityGroupId,
        TimeoutSeconds: timeout.toSeconds(),
        LogGroup: cluster.logGroup.logGroupName,
        LogStreamPrefix: LOG_STREAM_PREFIX,
      },
    });
    // the handler's permissions, the task definition with the policies of its roles, and the way to image registry and database
    customResource.node.addDependency(handler, this.taskDefinition, database, fernetKey, subnets.internetConnectivityEstablished, ...rules);
    Dependable.implement(this, { dependencyRoots: [customResource] });
  }

  /** The names of databases and roles are the same in every deployment. */
  private claimDatabase({ hostname }: IAirflowDatabase): void {
    const other = claim(this, `database ${hostname}`);
    if (other) {
      throw new Error(`property database must be a server for this deployment alone, got the one that ${other.node.path} prepares: `
        + 'their databases and roles would be the same');
    }
  }

  private defineTask(props: AirflowMigrationProps): ecs.FargateTaskDefinition {
    const { cluster, database, secrets, fernetKey } = props;
    const taskDefinition = defineTaskDefinition(this, { cpu: 1024, memoryLimitMiB: MEMORY_MIB, cpuArchitecture: props.cpuArchitecture });
    const tmpfs = writableFolders(MEMORY_MIB, { runsDags: false, onDisk: false });
    const common = { ...props, logStreamPrefix: LOG_STREAM_PREFIX, tmpfs, essential: false };
    const metadata = metadataDatabase(database, secrets.database, airflowVersion(props));
    const airflow: Binding[] = [{ environment: sharedEnvironment(cluster) }, metadata, { environment: props.environment }, WITHOUT_CHECK];
    const address = [database.hostname, String(database.port)];

    const databases = addAirflowContainer(this, taskDefinition, 'databases', {
      ...common,
      tmpfs: [],
      command: ['python', '-c', DATABASES, ...address],
      bindings: new Bindings([WITHOUT_CHECK, {
        environment: libpqVariables(database),
        secrets: {
          AIRFLOW_DB_MASTER_USERNAME: AirflowSecret.fromSecretsManager(database.masterSecret, 'username')._toEcsSecret(),
          AIRFLOW_DB_MASTER_PASSWORD: AirflowSecret.fromSecretsManager(database.masterSecret, 'password')._toEcsSecret(),
          AIRFLOW_DB_PASSWORD: secrets.database._toEcsSecret(),
          AIRFLOW_RESULT_DB_PASSWORD: secrets.resultDatabase._toEcsSecret(),
        },
      }]),
    });
    const migrate = addAirflowContainer(this, taskDefinition, 'migrate', {
      ...common,
      command: ['db', 'migrate'],
      // without the key a migration that encrypts would do so with one that is lost with the container
      bindings: new Bindings([...airflow, bindFernetKey(fernetKey)]),
    });
    const admin = addAirflowContainer(this, taskDefinition, 'admin', {
      ...common,
      command: ['python', '-c', ADMIN, ...address],
      bindings: new Bindings([...airflow, {
        environment: { ...libpqVariables(database), AIRFLOW_ADMIN_USERNAME: 'admin' },
        secrets: { AIRFLOW_ADMIN_PASSWORD: secrets.admin._toEcsSecret() },
      }]),
      essential: true,
    });
    migrate.addContainerDependencies({ container: databases, condition: ecs.ContainerDependencyCondition.SUCCESS });
    admin.addContainerDependencies({ container: migrate, condition: ecs.ContainerDependencyCondition.SUCCESS });
    return taskDefinition;
  }

  private permissions({ ecsCluster: cluster }: AirflowCluster): iam.PolicyStatement[] {
    const stack = Stack.of(this);
    const { family, taskRole } = this.taskDefinition;
    return [
      new iam.PolicyStatement({
        actions: ['ecs:RunTask'],
        // every revision: a changed policy takes some time to count, and each deployment can have a new revision
        resources: [stack.formatArn({ service: 'ecs', resource: 'task-definition', resourceName: `${family}:*` })],
        conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
      }),
      new iam.PolicyStatement({
        actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
        resources: [stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` })],
        conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
      }),
      // finds its own task by who has started it; AWS judges every list of tasks as one of everything, within the cluster
      new iam.PolicyStatement({
        actions: ['ecs:ListTasks'],
        resources: ['*'],
        conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
      }),
      new iam.PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [taskRole.roleArn, this.taskDefinition.obtainExecutionRole().roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      }),
      // what a roll-back does differently, and a request that was given up, which only the stack's status tells
      new iam.PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [stack.stackId] }),
    ];
  }
}

function validateTimeout(timeout: Duration) {
  validateWhole('timeout', timeout, 'seconds');
  if (timeout.isUnresolved()) { return; }
  const minutes = timeout.toMinutes({ integral: false });
  const longest = LONGEST_WAIT.toMinutes();
  if (minutes < 1 || minutes > longest) {
    throw new Error(`property timeout must be 1 to ${longest} minutes, got ${minutes} minutes: CloudFormation waits no longer. A migration that takes more `
      + 'goes on, and the next deployment waits for it');
  }
}
