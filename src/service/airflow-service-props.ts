import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { AirflowComponent } from './airflow-component';
import type { AirflowBroker } from '../broker/airflow-broker';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import type { DagSource } from '../dags/dag-source';
import type { IAirflowDatabase } from '../database/airflow-database';
import type { IFernetKey } from '../fernet-key/fernet-key';
import type { AirflowMigration } from '../migration/airflow-migration';
import type { AirflowSecrets } from '../secrets/airflow-secrets';
import type { TaskLogs } from '../task-logs/task-logs';
import type { AirflowVersion } from '../version/airflow-version';

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
   * Up to a quarter of it is taken by files in `/tmp`, which is the only place that Airflow and the code of DAGs can write to.
   *
   * @default - 4096 for workers, 512 for Flower, 1024 for the others
   */
  readonly memoryLimitMiB?: number;

  /**
   * How many tasks run.
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
   * Additional environment variables from Secrets Manager or Parameter Store, for example `AIRFLOW_CONN_…` connections.
   *
   * @default - none
   */
  readonly secretEnvironment?: { [name: string]: ecs.Secret };

  /**
   * How long a container may take to stop before it is killed, at most 120 seconds.
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
}

/** Options of Flower. */
export interface AirflowFlowerOptions extends AirflowServiceOptions {
  /**
   * Whether there is a Flower. Without it there are neither its service, roles and security group nor its password.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/** Options of a service of workers. */
export interface AirflowWorkerOptions extends AirflowServiceOptions {
  /**
   * The queues that tasks are taken from.
   *
   * A queue that has no worker does not only hold its own tasks: they take slots of the scheduler, and the other queues wait, too.
   *
   * @default - the queue `default`
   */
  readonly queues?: string[];

  /**
   * How many tasks a worker runs at once. It needs 512 MiB and 256 MiB for each of them, before the imports of your own code.
   *
   * @default - one for each 512 MiB of memory beyond the first 512 MiB
   */
  readonly concurrency?: number;

  /**
   * Whether tasks run on Fargate Spot. AWS takes the capacity back with a warning of two minutes; Airflow tries a task again that was
   * running then.
   *
   * @default false
   */
  readonly useSpot?: boolean;
}

/** Properties of an AirflowService. */
export interface AirflowServiceProps extends AirflowWorkerOptions {
  /** Where it runs. */
  readonly cluster: AirflowCluster;

  /** What it runs. */
  readonly component: AirflowComponent;

  /** The credentials of the deployment. The service gets those that its component needs. */
  readonly secrets: AirflowSecrets;

  /**
   * The database.
   *
   * @default - none; every component but Flower needs it
   */
  readonly database?: IAirflowDatabase;

  /**
   * The key that stored connections and variables are encrypted with.
   *
   * @default - none; web server, scheduler, DAG processor and triggerer need it
   */
  readonly fernetKey?: IFernetKey;

  /**
   * The Celery broker.
   *
   * @default - none; scheduler, worker and Flower need it
   */
  readonly broker?: AirflowBroker;

  /**
   * Where task logs are kept.
   *
   * @default - none; web server, triggerer and worker need it
   */
  readonly taskLogs?: TaskLogs;

  /**
   * Where DAG files come from. All services of a deployment have to have the same.
   *
   * @default - the folder `/opt/airflow/dags` of the image
   */
  readonly dags?: DagSource[];

  /**
   * The migration that the service waits for.
   *
   * @default - it does not wait
   */
  readonly migration?: AirflowMigration;

  /**
   * The Airflow release in the image.
   *
   * @default AirflowVersion.V3_3_2
   */
  readonly version?: AirflowVersion;

  /**
   * The image. It has to have the entry point of the official one. A configuration file in it is read if the variable `AIRFLOW_CONFIG` in `environment`
   * names it.
   *
   * @default - the official image of the Airflow release
   */
  readonly image?: ecs.ContainerImage;

  /**
   * The processor architecture that the image is made for.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;

  /**
   * What tells further workers from the first: the container of `reports` is called `worker-reports`. Lowercase letters, digits and `-`.
   *
   * @default - none: the container has the name of the component
   */
  readonly workerName?: string;
}
