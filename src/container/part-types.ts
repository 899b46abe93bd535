import { IMAGE_TYPES } from './airflow-container';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import type { IAirflowDatabase } from '../database/database';
import type { IFernetKey } from '../fernet-key/fernet-key';
import { object } from '../properties/property-types';
import type { AirflowSecrets } from '../secrets/airflow-secrets';

/** Types of the parts that services and the migration have. */
export const PART_TYPES = {
  ...IMAGE_TYPES,
  cluster: object<AirflowCluster>('an AirflowCluster', '_services'),
  secrets: object<AirflowSecrets>('AirflowSecrets', 'jwtSecret'),
  database: object<IAirflowDatabase>('a database, for example an AirflowDatabase', 'masterSecret'),
  fernetKey: object<IFernetKey>('a FernetKey', 'key'),
};
