import type { Login } from './messages';
import type { TaskDefinition } from '../ecs/definitions';
import { resolveSecrets, type SecretStore } from '../ecs/secrets';
import type { AccessKey } from '../iam/access-keys';

/** Where the constructs put who may log in: a plain variable with the name, a secret with the password. */
const LOGINS = [
  { service: 'web-server', username: 'AIRFLOW_ADMIN_USERNAME', password: 'AIRFLOW_ADMIN_PASSWORD' },
  { service: 'flower', username: 'AIRFLOW_FLOWER_USERNAME', password: 'AIRFLOW_FLOWER_PASSWORD' },
];

/** The login of the web interface and of Flower, as far as the stack has them. */
export async function findLogins(definitions: TaskDefinition[], store: SecretStore, operator: AccessKey): Promise<Login[]> {
  const containers = definitions.flatMap(definition => definition.containers);
  const found: Login[] = [];
  for (const login of LOGINS) {
    const container = containers.find(({ environment, secrets }) => login.username in environment && login.password in secrets);
    if (container) {
      const reference = { password: container.secrets[login.password] };
      const { password } = await resolveSecrets(reference, store, operator);
      found.push({ service: login.service, username: container.environment[login.username], password });
    }
  }
  return found;
}
