import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { AirflowComponent } from './airflow-component';
import type { AirflowBroker } from '../broker/airflow-broker';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { AirflowImageOptions } from '../container/airflow-container';
import type { DagSource } from '../dags/dag-source';
import type { IAirflowDatabase } from '../database/database';
import type { IFernetKey } from '../fernet-key/fernet-key';
import type { AirflowMigration } from '../migration/airflow-migration';
import type { AirflowSecrets } from '../secrets/airflow-secrets';
import type { TaskLogs } from '../task-logs/task-logs';

/** Options of one component's service. */
export interface AirflowServiceOptions {
  /**
   * CPU units of a task: 256, 512, 1024, 2048, 4096, 8192 or 16384.
   *
   * @default - 1024 for workers, 256 for triggerer and Flower, 512 for the others
   */
  readonly cpu?: number;

  /**
   * Memory of a task in MiB. Fargate has certain values for each number of CPU units.
   *
   * Up to a quarter of it is taken by files in `/tmp`, for the code of DAGs, and up to an eighth by those in `/var/tmp`, where Airflow keeps DAG
   * bundles and logs. Nothing else can be written to. Workers can have a disk for the first: `ephemeralStorage`.
   *
   * @default - 4096 for workers, 2048 for the web server, 512 for Flower, 1024 for the others
   */
  readonly memoryLimitMiB?: number;

  /**
   * How many tasks run. With auto scaling (`service.autoScaleTaskCount`) it counts for nothing: deployments leave the number alone then.
   *
   * @default 1
   */
  readonly desiredCount?: number;

  /**
   * Additional environment variables, for example `AIRFLOW__…` settings. They win over defaults of the library, but not
   * over what connects the components with each other.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Additional environment variables from Secrets Manager or Parameter Store, for example `AIRFLOW_CONN_…` connections. `dagCode.addSecret` of
   * ServerlessAirflow gives one to all components that run code of DAGs.
   *
   * @default - none
   */
  readonly secretEnvironment?: { [name: string]: ecs.Secret };

  /**
   * How long a container may take to stop before it is killed, 1 to 120 seconds.
   *
   * @default - 120 seconds for workers, 30 for Flower, 60 for the others
   */
  readonly stopTimeout?: Duration;

  /**
   * Whether commands can be run in the container with ECS Exec. The agent of ECS Exec runs in it as the superuser and writes files: the root file system
   * is writable then, and capabilities are not dropped.
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;

  /**
   * The role that the component, and the code of DAGs that runs in it, acts as (tasks on workers, callbacks of DAGs in the DAG processor, triggers
   * in the triggerer). It gets what the component needs, if it can be changed; an imported one that cannot has to have it already: `docs/permissions.md` lists that.
   *
   * @default - a new role
   */
  readonly taskRole?: iam.IRole;

  /**
   * The role that ECS starts tasks with: it pulls the image, reads secrets, writes logs. It gets what that needs, if it can be changed.
   *
   * @default - a new role
   */
  readonly executionRole?: iam.IRole;

  /**
   * Security groups of the tasks. They get the rules of what the component connects to and is asked by. Ways to HTTPS servers, which AWS and image
   * registries are, they must have already.
   *
   * @default - a new one
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
}

/** The parts of one deployment, which all of its services share. Each service is bound to those that its component needs, and gets nothing of the others. */
export interface AirflowParts extends AirflowImageOptions {
  /** Where it runs. */
  readonly cluster: AirflowCluster;

  /** The credentials. */
  readonly secrets: AirflowSecrets;

  /** The PostgreSQL database. */
  readonly database: IAirflowDatabase;

  /** The key that stored connections and variables are encrypted with. */
  readonly fernetKey: IFernetKey;

  /** What carries tasks from the scheduler to the workers. */
  readonly broker: AirflowBroker;

  /** Where task logs are kept. */
  readonly taskLogs: TaskLogs;

  /**
   * Where DAG files come from.
   *
   * @default - the folder `/opt/airflow/dags` of the image
   */
  readonly dags?: DagSource[];

  /**
   * The migration that services wait for.
   *
   * @default - they do not wait
   */
  readonly migration?: AirflowMigration;
}

/** Properties of an AirflowService. */
export interface AirflowServiceProps extends AirflowParts, AirflowServiceOptions {
  /** What it runs. */
  readonly component: AirflowComponent;
}
