import { Mutation, remove, replaceInVariable, secret, setVariable, statements } from './mutation';

/** Credentials that are missing, wrong or where they must not be. */
export const SECRETS: Mutation[] = [
  {
    name: 'Flower\'s password is another field of its secret',
    consequence: 'the task cannot start: the JSON key does not exist',
    apply: template => {
      const { ValueFrom } = secret(template, 'flower', 'AIRFLOW_FLOWER_PASSWORD');
      ValueFrom['Fn::Join'][1][1] = ':passwd::';
    },
  },
  {
    name: 'the scheduler gets the JWT secret as its Fernet key',
    consequence: 'stored connections cannot be decrypted: "Fernet key must be 32 url-safe base64-encoded bytes"',
    apply: template => {
      secret(template, 'scheduler', 'AIRFLOW__CORE__FERNET_KEY').ValueFrom = secret(template, 'scheduler', 'AIRFLOW__API_AUTH__JWT_SECRET').ValueFrom;
    },
  },
  {
    name: 'workers get the JWT secret',
    consequence: 'code of any DAG can sign tokens for every other task',
    apply: template => {
      template.containers.worker.definition.Secrets.push(secret(template, 'scheduler', 'AIRFLOW__API_AUTH__JWT_SECRET'));
      statements(template, 'worker', 'ExecutionRoleArn').push({
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: { Ref: 'AirflowSecretsJwtSecret3AF0CFD5' },
      });
    },
  },
  {
    name: 'workers get the password of the metadata database',
    consequence: 'code of any DAG can change every table',
    apply: template => {
      template.containers.worker.definition.Secrets.push(secret(template, 'scheduler', 'AIRFLOW_DB_PASSWORD'));
    },
  },
  {
    name: 'the master password goes to the container that migrates the tables',
    consequence: 'nothing fails: Airflow\'s own code holds a role that can do everything',
    apply: template => {
      template.containers.migrate.definition.Secrets.push(secret(template, 'databases', 'AIRFLOW_DB_MASTER_PASSWORD'));
    },
  },
  {
    name: 'workers do not get the broker\'s password',
    consequence: 'the variable in the URL stays as it is: "invalid username-password pair", forever',
    apply: ({ containers }) => remove(containers.worker.definition.Secrets, ({ Name }: any) => Name === 'AIRFLOW_REDIS_PASSWORD'),
  },
  {
    name: 'the web server and the scheduler have different JWT secrets',
    consequence: 'every task fails: "Invalid auth token: Signature verification failed"',
    apply: template => {
      secret(template, 'web-server', 'AIRFLOW__API_AUTH__JWT_SECRET').ValueFrom = secret(template, 'web-server', 'AIRFLOW__API__SECRET_KEY').ValueFrom;
    },
  },
  {
    name: 'an execution role may not read its secrets',
    consequence: 'no task of the scheduler starts: AccessDeniedException',
    apply: template => {
      for (const statement of statements(template, 'scheduler', 'ExecutionRoleArn').filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))) {
        statement.Action = 'secretsmanager:DescribeSecret';
      }
    },
  },
  {
    name: 'an execution role may read every secret',
    consequence: 'nothing fails: the scheduler\'s role reads the credentials of the whole account',
    apply: template => {
      statements(template, 'scheduler', 'ExecutionRoleArn').find(({ Action }) => Action.includes('secretsmanager:GetSecretValue')).Resource = '*';
    },
  },
  {
    name: 'the password of the database is a plain variable',
    consequence: 'nothing fails: everybody who may describe task definitions reads it',
    apply: template => {
      remove(template.containers['dag-processor'].definition.Secrets, ({ Name }: any) => Name === 'AIRFLOW_DB_PASSWORD');
      setVariable(template, 'dag-processor', 'AIRFLOW_DB_PASSWORD', {
        'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'AirflowSecretsDatabase01DA7674' }, ':SecretString:::}}']],
      });
    },
  },
  {
    name: 'generated passwords may have punctuation',
    consequence: 'some of them break the URLs that they are in: one of a few deployments cannot connect',
    apply: ({ resources }) => { delete resources.AirflowSecretsBroker69D4D01F.Properties.GenerateSecretString.ExcludePunctuation; },
  },
  {
    name: 'CloudFormation generates the value of the Fernet key\'s secret',
    consequence: 'a password instead of a key, which the handler keeps: connections cannot be stored',
    apply: ({ resources }) => { resources.AirflowFernetKeySecret45BDA978.Properties.GenerateSecretString = { PasswordLength: 43 }; },
  },
  {
    name: 'the handler of the Fernet key may write every secret',
    consequence: 'nothing fails: one function can overwrite all credentials of the account',
    apply: ({ resources }) => { resources.AirflowFernetKeyFunctionRoleE4A74461.Properties.Policies[0].PolicyDocument.Statement[0].Resource = '*'; },
  },
  {
    name: 'the web server has no key for its sessions',
    consequence: 'each replica signs with one of its own: users are logged out at every second click',
    apply: ({ containers }) => remove(containers['web-server'].definition.Secrets, ({ Name }: any) => Name === 'AIRFLOW__API__SECRET_KEY'),
  },
  {
    name: 'Redis has no password',
    consequence: 'nothing fails: whoever reaches the port runs code on the workers',
    apply: ({ containers }) => {
      const { Command } = containers.redis.definition;
      Command[2] = Command[2].replace(/^.*requirepass.*$/m, '');
    },
  },
  {
    name: 'the URL of the result database has the metadata database\'s user',
    consequence: 'password authentication failed: tasks run, but are never seen to end',
    apply: template => replaceInVariable(template, 'worker', 'AIRFLOW__CELERY__RESULT_BACKEND', '//airflow_results:', '//airflow:'),
  },
];
