import type { AirflowParts } from './airflow-service-props';
import type { ComponentDefinition } from './component-definition';
import type { Binding } from '../binding';
import { airflowVersion } from '../container/airflow-container';
import { sharedEnvironment } from '../container/shared-environment';
import { bindDags } from '../dags/bind-dags';
import { metadataDatabase, NO_METADATA_DATABASE } from '../database/connections';
import type { CeleryExecutor } from '../executor/celery-executor';
import { bindFernetKey } from '../fernet-key/fernet-key';
import { secretOption } from '../secrets/secret-option';

/** What the parts of a deployment add that a component needs, and nothing else. */
export function bindParts(component: ComponentDefinition, parts: AirflowParts, executor: CeleryExecutor): Binding[] {
  const { cluster, secrets } = parts;
  return [
    { environment: sharedEnvironment(cluster) },
    ...bindDags(cluster, component.dags, parts.dags),
    component.metadataDatabase ? metadataDatabase(parts.database, secrets.database, airflowVersion(parts)) : NO_METADATA_DATABASE,
    ...component.executor ? executor.bind(component.executor) : [],
    ...component.fernetKey ? [bindFernetKey(parts.fernetKey)] : [],
    ...component.taskLogs === 'none' ? [] : [bindTaskLogs(parts, component.taskLogs)],
    ...component.jwtSecret ? [secretOption('AIRFLOW__API_AUTH__JWT_SECRET', 'AIRFLOW_JWT_SECRET', secrets.jwtSecret)] : [],
    ...component.apiSecretKey ? [secretOption('AIRFLOW__API__SECRET_KEY', 'AIRFLOW_API_SECRET_KEY', secrets.apiSecretKey)] : [],
  ];
}

function bindTaskLogs({ cluster, taskLogs }: AirflowParts, access: 'read' | 'write'): Binding {
  const { reader, writer } = taskLogs._bind(cluster, cluster);
  return access === 'write' ? writer : reader;
}
