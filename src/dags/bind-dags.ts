import { Stack } from 'aws-cdk-lib';
import { DagSource } from './dag-source';
import type { Binding } from '../binding';
import type { AirflowCluster } from '../cluster/airflow-cluster';

/** Every component has to know the bundles; some read them. */
export function bindDags(cluster: AirflowCluster, access: 'configuration' | 'read', sources: DagSource[] = [DagSource.image()]): Binding[] {
  const dags = sources.map(source => source._bind(cluster, cluster));
  const configuration = {
    environment: {
      AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: Stack.of(cluster).toJsonString(dags.map(({ bundle }) => bundle)),
      AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH: '/var/tmp/dag-bundles',
    },
  };
  return access === 'read' ? [configuration, ...dags.map(({ reader }) => reader)] : [configuration];
}

export function validateDags(dags: DagSource[] | undefined): void {
  if (!dags) {
    return;
  }
  if (dags.length === 0) {
    throw new Error('property dags must have one DAG source at least, got []: leave it out for the DAGs in the image');
  }
  const names = dags.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`property dags must not have two DAG sources with the name ${JSON.stringify(twice)}: give one of them another with its property name`);
  }
}
