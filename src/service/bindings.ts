import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IDependable } from 'constructs';
import type { AirflowServiceProps } from './airflow-service-props';
import type { Bricks } from './given-parts';
import { ContainerVariables, flowerLogin, metadataDatabase, resultDatabase } from './shared-environment';
import { urlVariables } from '../secrets/secret-url';

const NO_METADATA_DATABASE = {
  // the image's entry point would wait for one
  CONNECTION_CHECK_MAX_COUNT: '0',
  // Airflow would make a file for one
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'sqlite://',
};

/** What one brick adds to a service. */
export interface Binding extends Partial<ContainerVariables> {
  /** What the service connects to, on its default port. */
  readonly server?: { readonly name: string; readonly peer: ec2.IConnectable };
  /** What has to be there before the service starts. */
  readonly waitsFor?: IDependable[];
  /** Permissions of the service's task role. */
  grant?(taskRole: iam.IGrantable): void;
}

/** What the bricks add that the component of a service needs. */
export function bindBricks(props: AirflowServiceProps, bricks: Bricks): Binding[] {
  const needs = props.component._definition;
  const { cluster, secrets } = props;
  const bindings = [
    bindDags(props, bricks),
    needs.metadataDatabase && bindDatabase(bricks, metadataDatabase(bricks.database, secrets)),
    needs.resultDatabase && bindDatabase(bricks, resultDatabase(bricks.database, secrets)),
    needs.broker && bindBroker(props, bricks),
    needs.fernetKey && bindFernetKey(bricks),
    needs.taskLogs !== 'none' && bindTaskLogs(bricks, needs.taskLogs),
    needs.jwtSecret && { secrets: { AIRFLOW__API_AUTH__JWT_SECRET: secrets.jwtSecret._toEcsSecret() } },
    needs.apiSecretKey && { secrets: { AIRFLOW__API__SECRET_KEY: secrets.apiSecretKey._toEcsSecret() } },
    needs.flowerPassword && flowerLogin(secrets),
    !needs.metadataDatabase && { environment: NO_METADATA_DATABASE },
    { environment: needs.environment(props, cluster._deployment) },
  ];
  return bindings.filter(binding => binding !== false);
}

/** Every component has to know the bundles; some read them. */
function bindDags(props: AirflowServiceProps, bricks: Bricks): Binding {
  const { dags } = bricks;
  const environment = {
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: Stack.of(props.cluster).toJsonString(dags.map(({ bundle }) => bundle)),
  };
  if (props.component._definition.dags !== 'read') {
    return { environment };
  }
  return {
    environment,
    waitsFor: dags.flatMap(({ ready }) => ready ?? []),
    grant: taskRole => dags.forEach(dag => dag.grantRead(taskRole)),
  };
}

function bindDatabase({ database }: Bricks, variables: ContainerVariables): Binding {
  return { ...variables, server: { name: 'database', peer: database }, waitsFor: [database] };
}

function bindBroker({ secrets }: AirflowServiceProps, { broker }: Bricks): Binding {
  return { ...urlVariables(secrets.broker, { AIRFLOW__CELERY__BROKER_URL: broker.url }), server: { name: 'broker', peer: broker }, waitsFor: [broker] };
}

function bindFernetKey({ fernetKey }: Bricks): Binding {
  return { secrets: { AIRFLOW__CORE__FERNET_KEY: fernetKey.secret._toEcsSecret() }, waitsFor: [fernetKey] };
}

function bindTaskLogs({ taskLogs }: Bricks, access: 'read' | 'write'): Binding {
  return {
    environment: taskLogs.environment,
    grant: taskRole => access === 'write' ? taskLogs.grantWrite(taskRole) : taskLogs.grantRead(taskRole),
  };
}
