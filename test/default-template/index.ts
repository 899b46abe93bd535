import { Check } from './check';
import { CONTAINER } from './containers';
import { ENVIRONMENT } from './environment';
import { MIGRATION } from './migration';
import { NETWORK } from './network';
import { PERMISSIONS } from './permissions';
import { SECRETS } from './secrets';
import { SERVICE } from './services';
import { STATE } from './state';

/** All that is known of the default template, by topic. Unit tests and the deliberate mistakes of `test/mutations` go by it. */
export const DEFAULT_TEMPLATE: Record<string, Check[]> = {
  'environment': ENVIRONMENT,
  'secrets': SECRETS,
  'permissions': PERMISSIONS,
  'network': NETWORK,
  'containers': CONTAINER,
  'services': SERVICE,
  'migration and Fernet key': MIGRATION,
  'state': STATE,
};
