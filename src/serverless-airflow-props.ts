import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { AirflowBroker } from './broker/airflow-broker';
import type { AirflowCluster } from './cluster/airflow-cluster';
import { AirflowImageOptions } from './container/airflow-container';
import type { DagSource } from './dags/dag-source';
import type { IAirflowDatabase } from './database/database';
import type { IFernetKey } from './fernet-key/fernet-key';
import type { AirflowPreset } from './preset/airflow-preset';
import type { TriggererScaling } from './scaling/triggerer-scaling';
import type { WebServerScaling } from './scaling/web-server-scaling';
import type { AirflowSecrets } from './secrets/airflow-secrets';
import { AirflowServiceOptions } from './service/airflow-service-props';
import type { TaskLogs } from './task-logs/task-logs';
import type { WebAccess } from './web-access/web-access';
import { AirflowFirstWorkerPoolOptions } from './workers/airflow-worker-pool';

/** Options of Flower. */
export interface AirflowFlowerOptions extends AirflowServiceOptions {
  /**
   * Whether there is a Flower. Without it there are neither its service, roles and security group nor its password. Whoever has its password can stop
   * and change workers.
   *
   * @default - true; false with AirflowPreset.PRODUCTION
   */
  readonly enabled?: boolean;
}

/** Options of the web server, and of the Execution API. */
export interface AirflowWebServerOptions extends AirflowServiceOptions {
  /**
   * How the number of tasks follows the load.
   *
   * @default - `desiredCount` of them
   */
  readonly scaling?: WebServerScaling;
}

/** Options of the triggerer. */
export interface AirflowTriggererOptions extends AirflowServiceOptions {
  /**
   * How the number of tasks follows the triggers.
   *
   * @default - `desiredCount` of them
   */
  readonly scaling?: TriggererScaling;
}

/** Properties of ServerlessAirflow. */
export interface ServerlessAirflowProps extends AirflowImageOptions {
  /**
   * What holds where no other property says something else: for development or for production. The table of all values is in `docs/presets.md`.
   *
   * @default - safe and small: one task of each component, one database instance, data is kept
   */
  readonly preset?: AirflowPreset;

  /**
   * The VPC that Airflow runs in. It needs DNS support, DNS hostnames and private subnets in two zones, with a way to the internet or to the
   * endpoints of the AWS services that Airflow uses: `docs/first-hour.md` says which, and how to see the settings of an existing one.
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
   * Settings of Airflow for all components, by section and key as in `airflow.cfg`, for example `{ core: { parallelism: '64' } }`. They win over defaults of
   * the library, but not over what connects the components with each other. Variables of one component (`scheduler.environment`) win over them.
   *
   * @default - defaults of the library and of Airflow
   */
  readonly airflowConfig?: { [section: string]: { [key: string]: string } };

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
   * @default - the database leaves a snapshot, everything else is retained, except by a creation that fails; everything is deleted with
   * AirflowPreset.DEVELOPMENT
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Key that encrypts everything that this construct defines and that holds data. The policy of a key of another app has to have a statement for the
   * log group before the first deployment, which a warning says.
   *
   * @default - keys that AWS manages
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * How people get to the web server.
   *
   * @default WebAccess.privateDns()
   */
  readonly webAccess?: WebAccess;

  /**
   * Options of the web server.
   *
   * @default - one task with 0.5 vCPU and 2 GiB
   */
  readonly webServer?: AirflowWebServerOptions;

  /**
   * Options of the Execution API, which running tasks report to, as a service of its own: whatever people do with the web interface, tasks go on. Workers reach it
   * and no longer the web server, which no longer has that API. `{}` is enough: one task with 0.5 vCPU and 1 GiB, two with AirflowPreset.PRODUCTION.
   *
   * @default - none: the web server is the Execution API as well
   */
  readonly executionApi?: AirflowWebServerOptions;

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
  readonly triggerer?: AirflowTriggererOptions;

  /**
   * Options of the first pool of workers, which can be left out.
   *
   * @default - one task with 1 vCPU and 4 GiB, which runs 7 tasks of DAGs at once
   */
  readonly worker?: AirflowFirstWorkerPoolOptions;

  /**
   * Options of Flower, which can be switched off.
   *
   * @default - one task with 0.25 vCPU and 0.5 GiB
   */
  readonly flower?: AirflowFlowerOptions;
}
