import type { AirflowCluster } from './airflow-cluster';

const defined = new WeakMap<AirflowCluster, Map<object, unknown>>();

/** What a choice (a broker, a DAG source, …) defines for a cluster is defined once, however many of its services use it. */
export function defineOnce<T>(choice: object, cluster: AirflowCluster, define: () => T): T {
  const known = defined.get(cluster) ?? new Map<object, unknown>();
  defined.set(cluster, known);
  if (!known.has(choice)) {
    known.set(choice, define());
  }
  return known.get(choice) as T;
}
