import * as path from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AirflowDatabase, AirflowVersion, ServerlessAirflow, ServerlessAirflowProps } from '../../src';
import { everything } from '../helpers/everything';

/** A deployment whose life is tried. */
export interface Subject {
  readonly name: string;
  readonly stackName: string;
  /** The integration test whose snapshot is released. */
  readonly snapshot: string;
  /** Whether the database refuses to be deleted. */
  readonly protected: boolean;
  /** Construct paths of what a deletion of the stack leaves behind. */
  readonly retained: string[];
  define(stack: Stack, change: (props: ServerlessAirflowProps) => ServerlessAirflowProps): ServerlessAirflow;
}

/** A change of a subject: of its properties, or of what they do not reach. */
export interface Variant {
  readonly name: string;
  readonly change?: (props: ServerlessAirflowProps) => ServerlessAirflowProps;
  readonly edit?: (airflow: ServerlessAirflow) => void;
}

export const SUBJECTS: Subject[] = [
  {
    name: 'default',
    stackName: 'cycle-default',
    snapshot: 'defaults',
    define: (stack, change) => new ServerlessAirflow(stack, 'Airflow', change({})),
    protected: true,
    retained: [
      'Airflow/Cluster/LogGroup',
      'Airflow/FernetKey/Function/LogGroup',
      'Airflow/FernetKey/Secret',
      'Airflow/Migration/Function/LogGroup',
      'Airflow/Secrets/Admin',
      'Airflow/Secrets/ApiSecretKey',
      'Airflow/Secrets/Broker',
      'Airflow/Secrets/Database',
      'Airflow/Secrets/Flower',
      'Airflow/Secrets/JwtSecret',
      'Airflow/Secrets/ResultDatabase',
      'Airflow/TaskLogs/Bucket',
      'Airflow/TaskLogs/Bucket/Policy',
    ],
  },
  {
    name: 'everything',
    stackName: 'cycle-everything',
    snapshot: 'everything',
    define: (stack, change) => everything(stack, change),
    protected: false,
    retained: [],
  },
];

export const BASE: Variant = { name: 'base' };

export const SCHEDULER_ENVIRONMENT: Variant = {
  name: 'scheduler-environment',
  edit: airflow => airflow.scheduler.container.addEnvironment('AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT', '900'),
};

/** Few enough for Airflow's own limit of 32 tasks at once: beyond it the scheduler is told. */
export const WORKER_COUNT: Variant = {
  ...SCHEDULER_ENVIRONMENT,
  name: 'worker-count',
  change: props => ({ ...props, worker: { ...props.worker, desiredCount: 3 } }),
};

const newVersion = (props: ServerlessAirflowProps) => ({ ...props, version: AirflowVersion.of('3.3.3'), image: undefined });

export const NEW_VERSION: Variant = { name: 'new-version', change: newVersion };

/** Its deployment waits 50 seconds for the migration, in invocations of 40, of which half is reserve: limits as on AWS, but shorter. */
export const IMPATIENT: Variant = {
  name: 'impatient',
  change: newVersion,
  edit: airflow => {
    migrationResource(airflow).addPropertyOverride('TimeoutSeconds', 50);
    migrationFunction(airflow).addPropertyOverride('Timeout', 40);
  },
};

/** As it has to be deployed before a deletion on purpose. */
export const UNPROTECTED: Variant = {
  name: 'unprotected',
  change: newVersion,
  edit: ({ database }) => {
    const cluster = (database as AirflowDatabase).cluster.node.defaultChild as rds.CfnDBCluster;
    cluster.deletionProtection = false;
  },
};

/** Synthesizes an app of one stack. Returns the folder of its cloud assembly. */
export function synthesize(folder: string, stackName: string, define: (stack: Stack) => void): string {
  const app = new App({ outdir: path.resolve(folder), context: { 'aws:cdk:enable-path-metadata': true } });
  define(new Stack(app, stackName));
  return app.synth().directory;
}

function migrationResource(airflow: ServerlessAirflow): CfnResource {
  return partOfMigration(airflow, 'Custom::AirflowMigration');
}

export function migrationFunction(airflow: ServerlessAirflow): CfnResource {
  return partOfMigration(airflow, 'AWS::Lambda::Function');
}

function partOfMigration({ migration }: ServerlessAirflow, type: string): CfnResource {
  return migration.node.findAll().find(node => CfnResource.isCfnResource(node) && node.cfnResourceType === type) as CfnResource;
}
