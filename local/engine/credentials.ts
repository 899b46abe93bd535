import type { Credentials } from './messages';
import type { TaskDefinition } from '../ecs/definitions';
import { resolveSecrets } from '../ecs/secrets';

/** Where the constructs put who may log in: a plain variable with the name, a secret with the password. */
const LOGINS = [
  { service: 'web-server', username: 'AIRFLOW_ADMIN_USERNAME', password: 'AIRFLOW_ADMIN_PASSWORD' },
  { service: 'flower', username: 'AIRFLOW_FLOWER_USERNAME', password: 'AIRFLOW_FLOWER_PASSWORD' },
];

/** The login of the web interface and of Flower, as far as the stack has them. */
export async function findCredentials(definitions: TaskDefinition[], endpoint: string, region: string): Promise<Credentials[]> {
  const containers = definitions.flatMap(definition => definition.containers);
  const found: Credentials[] = [];
  for (const login of LOGINS) {
    const container = containers.find(({ environment, secrets }) => login.username in environment && login.password in secrets);
    if (container) {
      const reference = { password: container.secrets[login.password] };
      const keys = { accessKeyId: 'engine', secretAccessKey: 'engine', sessionToken: 'engine' };
      const { password } = await resolveSecrets(reference, { endpoint, region }, keys);
      found.push({ service: login.service, username: container.environment[login.username], password });
    }
  }
  return found;
}
