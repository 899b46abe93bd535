import { expect } from 'expect';
import { Check, forEach } from './check';

const DATABASE = { AIRFLOW_DB_PASSWORD: '${AirflowSecretsDatabase01DA7674}' };
const RESULT_DATABASE = { AIRFLOW_RESULT_DB_PASSWORD: '${AirflowSecretsResultDatabase0DEF5253}' };
const BROKER = { AIRFLOW_REDIS_PASSWORD: '${AirflowSecretsBroker69D4D01F}' };
const FERNET_KEY = { AIRFLOW__CORE__FERNET_KEY: '${AirflowFernetKeySecret45BDA978}' };
const JWT_SECRET = { AIRFLOW__API_AUTH__JWT_SECRET: '${AirflowSecretsJwtSecret3AF0CFD5}' };
const API_SECRET_KEY = { AIRFLOW__API__SECRET_KEY: '${AirflowSecretsApiSecretKeyAC1F5C24}' };
const MASTER = '${AirflowDatabaseMasterSecretAttachmentB7DEA95D}';

const MATRIX = {
  'web-server': { ...DATABASE, ...FERNET_KEY, ...JWT_SECRET, ...API_SECRET_KEY },
  'scheduler': { ...DATABASE, ...RESULT_DATABASE, ...BROKER, ...FERNET_KEY, ...JWT_SECRET },
  'dag-processor': { ...DATABASE, ...FERNET_KEY },
  'triggerer': { ...DATABASE, ...FERNET_KEY, ...API_SECRET_KEY },
  'worker': { ...RESULT_DATABASE, ...BROKER, ...API_SECRET_KEY },
  'flower': { ...BROKER, AIRFLOW_FLOWER_PASSWORD: '${AirflowSecretsFlower0583EF71}:password::' },
  'redis': { REDIS_PASSWORD: BROKER.AIRFLOW_REDIS_PASSWORD },
  'databases': {
    ...DATABASE,
    ...RESULT_DATABASE,
    AIRFLOW_DB_MASTER_USERNAME: `${MASTER}:username::`,
    AIRFLOW_DB_MASTER_PASSWORD: `${MASTER}:password::`,
  },
  'migrate': { ...DATABASE, ...FERNET_KEY },
  'admin': { ...DATABASE, AIRFLOW_ADMIN_PASSWORD: '${AirflowSecretsAdminAACA2D94}:password::' },
};

/** Characters of what is generated, and the user name that goes with a password. The Fernet key has a form of its own, which its handler writes. */
const GENERATED: Record<string, [number, string?]> = {
  AirflowSecretsDatabase01DA7674: [32],
  AirflowSecretsResultDatabase0DEF5253: [32],
  AirflowSecretsBroker69D4D01F: [32],
  AirflowSecretsApiSecretKeyAC1F5C24: [64],
  AirflowSecretsJwtSecret3AF0CFD5: [64],
  AirflowSecretsAdminAACA2D94: [32, 'admin'],
  AirflowSecretsFlower0583EF71: [32, 'admin'],
  AirflowDatabaseMasterSecretE78BCA93: [32, 'airflow_admin'],
};

export const SECRETS: Check[] = [
  {
    name: 'there is no other container',
    check: ({ containers }) => expect(Object.keys(containers).sort()).toEqual(Object.keys(MATRIX).sort()),
  },
  ...forEach(MATRIX, container => `${container} has exactly these`, ({ containers }, container, secrets) => {
    expect(containers[container].secrets).toEqual(secrets);
  }),
  ...forEach(GENERATED, id => `what ${id} is: letters and digits, which may stand in a URL`, ({ resources }, id, [PasswordLength, username]) => {
    expect(resources[id].Properties.GenerateSecretString).toEqual({
      ExcludePunctuation: true,
      IncludeSpace: false,
      PasswordLength,
      ...username && { GenerateStringKey: 'password', SecretStringTemplate: JSON.stringify({ username }) },
    });
  }),
  {
    name: 'there is no other secret',
    check(synthesized) {
      const secrets = synthesized.ofType('AWS::SecretsManager::Secret').map(([id]) => id);
      expect(secrets.sort()).toEqual([...Object.keys(GENERATED), 'AirflowFernetKeySecret45BDA978'].sort());
    },
  },
];
