import * as path from 'node:path';
import { App, CfnOutput, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AirflowSecret, AirflowSecrets, DagSource, ServerlessAirflow } from 'serverless-airflow';

/** Every character that ends a part of a URL, a list or a line, starts an escape or means something to a shell. */
const PASSWORD = 'p/@:#%?&=+, $HOME\'"\\{}[]<>|~`!\n';

const app = new App();
const stack = new Stack(app, 'Attacked');

// What code of DAGs may use: tasks only, or callbacks of DAGs as well.
const tasks = new s3.Bucket(stack, 'Tasks', { removalPolicy: RemovalPolicy.DESTROY });
const dagCode = new s3.Bucket(stack, 'DagCode', { removalPolicy: RemovalPolicy.DESTROY });
const shop = new secretsmanager.Secret(stack, 'Shop', {
  secretName: 'airflow/connections/shop',
  secretStringValue: SecretValue.unsafePlainText(JSON.stringify({ conn_type: 'http', host: 'shop.example.com' })),
});

// Secrets that the user brings may hold what the library itself never generates.
const brought = (id: string) => AirflowSecret.fromSecretsManager(
  new secretsmanager.Secret(stack, id, { secretStringValue: SecretValue.unsafePlainText(`${id}${PASSWORD}`) }),
);
const airflow = new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.directory(path.join(__dirname, 'dags'))],
  environment: {
    TASKS_BUCKET: tasks.bucketName,
    DAG_CODE_BUCKET: dagCode.bucketName,
    // as docs/dag-code.md says it
    AIRFLOW__SECRETS__BACKEND: 'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
    AIRFLOW__SECRETS__BACKEND_KWARGS: JSON.stringify({
      connections_prefix: 'airflow/connections',
      connections_lookup_pattern: '(?!aws_default$)',
      variables_prefix: 'airflow/variables',
      config_prefix: null,
    }),
  },
  secrets: new AirflowSecrets(stack, 'Secrets', {
    admin: brought('Admin'),
    broker: brought('Broker'),
    database: brought('Database'),
    flower: brought('Flower'),
    jwtSecret: brought('JwtSecretOf64BytesAndMore0123456789012345678901234567890123456789'),
    resultDatabase: brought('ResultDatabase'),
  }),
});

tasks.grantReadWrite(airflow);
dagCode.grantReadWrite(airflow.dagCode);
shop.grantRead(airflow.dagCode);
shop.grantRead(airflow.webServer);

// Workers that are told to be useless. They are as patient with themselves as others, but in seconds, not in minutes: all but their start.
const useless = airflow.addWorkerPool('Useless', { queues: ['useless'], cpu: 256, memoryLimitMiB: 1024 });
const definition = useless.taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
definition.addPropertyOverride('ContainerDefinitions.0.HealthCheck.Interval', 5);
definition.addPropertyOverride('ContainerDefinitions.0.HealthCheck.StartPeriod', 300);

// A bucket of somebody else in the same account.
const other = new s3.Bucket(stack, 'Other', { removalPolicy: RemovalPolicy.DESTROY });

// What an attacker may know: nothing of it is secret.
const { secrets, fernetKey } = airflow;
for (const [key, value] of Object.entries({
  OtherBucket: other.bucketName,
  TasksBucket: tasks.bucketName,
  DagCodeBucket: dagCode.bucketName,
  LogBucket: airflow.logBucket!.bucketName,
  DagBucket: airflow.dagBucket!.bucketName,
  JwtSecret: secrets.jwtSecret.secret.secretArn,
  DatabasePassword: secrets.database.secret.secretArn,
  BrokerPassword: secrets.broker.secret.secretArn,
  FernetKey: fernetKey.key.secret.secretArn,
})) {
  new CfnOutput(stack, key, { value });
}
