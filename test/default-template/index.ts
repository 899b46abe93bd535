import { BUCKET } from './buckets';
import { Check } from './check';
import { CLUSTERS } from './cluster';
import { CONTAINER } from './containers';
import { DATABASE } from './database';
import { DEPENDENCY } from './dependencies';
import { ENVIRONMENT } from './environment';
import { HANDLER } from './handlers';
import { MIGRATION } from './migration';
import { NETWORK } from './network';
import { PERMISSIONS } from './permissions';
import { SECRETS } from './secrets';
import { SERVICE } from './services';
import { STATE } from './state';
import { TRUSTED } from './trust';

/** All that is known of the default template, by topic. Unit tests and the deliberate mistakes of `test/mutations` go by it. */
export const DEFAULT_TEMPLATE: Record<string, Check[]> = {
  'environment': ENVIRONMENT,
  'secrets': SECRETS,
  'permissions': PERMISSIONS,
  'trust': TRUSTED,
  'cluster': CLUSTERS,
  'network': NETWORK,
  'containers': CONTAINER,
  'services': SERVICE,
  'dependencies': DEPENDENCY,
  'database': DATABASE,
  'buckets': BUCKET,
  'handlers': HANDLER,
  'migration and Fernet key': MIGRATION,
  'state': STATE,
};
