import { Duration, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AirflowCluster } from '../../src/cluster/airflow-cluster';
import { AirflowDatabase } from '../../src/database/airflow-database';
import { FernetKey } from '../../src/fernet-key/fernet-key';
import { AirflowMigration, AirflowMigrationProps } from '../../src/migration/airflow-migration';
import { CONTAINERS } from '../../src/migration/migration-task';
import { AirflowSecret } from '../../src/secrets/airflow-secret';
import { AirflowSecrets } from '../../src/secrets/airflow-secrets';
import { AirflowVersion } from '../../src/version/airflow-version';
import { newStack } from '../private/stack';

interface Container {
  readonly Name: string;
  readonly Command: unknown[];
  readonly Environment: { Name: string; Value: unknown }[];
  readonly Secrets: { Name: string; ValueFrom: unknown }[];
  readonly [property: string]: unknown;
}

interface Statement {
  readonly Action: string | string[];
  readonly [property: string]: unknown;
}

class Fixture {
  public readonly stack = newStack();
  public readonly cluster = new AirflowCluster(this.stack, 'Cluster');
  public readonly database = new AirflowDatabase(this.stack, 'Database', { vpc: this.cluster.vpc });
  public readonly secrets = new AirflowSecrets(this.stack, 'Secrets');
  public readonly fernetKey = new FernetKey(this.stack, 'FernetKey');

  public migrate(props: Partial<AirflowMigrationProps> = {}): AirflowMigration {
    const { cluster, database, secrets, fernetKey } = this;
    return new AirflowMigration(this.stack, 'Migration', { cluster, database, secrets, fernetKey, ...props });
  }

  public get template(): Template {
    return Template.fromStack(this.stack);
  }

  public get containers(): Record<string, Container> {
    const [{ Properties }] = Object.values(this.template.findResources('AWS::ECS::TaskDefinition'));
    return Object.fromEntries(Properties.ContainerDefinitions.map((container: Container) => [container.Name, container]));
  }

  /** Statements of the inline policies of the handler's role. */
  public get handlerStatements(): Statement[] {
    const roles = Object.entries(this.template.findResources('AWS::IAM::Role'));
    const [, role] = roles.find(([id]) => id.startsWith('MigrationFunctionRole'))!;
    return role.Properties.Policies.flatMap((policy: any) => policy.PolicyDocument.Statement);
  }
}

const names = (variables: { Name: string }[]) => variables.map(({ Name }) => Name).sort();
const value = (container: Container, name: string) => container.Environment.find(variable => variable.Name === name)?.Value;

describe('task definition', () => {
  const fixture = new Fixture();
  fixture.migrate();
  const { databases, migrate, admin } = fixture.containers;

  test('has three containers, one after the success of the other, of which the last is essential', () => {
    expect(Object.keys(fixture.containers)).toEqual(['databases', 'migrate', 'admin']);
    expect([databases, migrate, admin].map(({ Essential, DependsOn }) => ({ Essential, DependsOn }))).toEqual([
      { Essential: false, DependsOn: undefined },
      { Essential: false, DependsOn: [{ ContainerName: 'databases', Condition: 'SUCCESS' }] },
      { Essential: true, DependsOn: [{ ContainerName: 'migrate', Condition: 'SUCCESS' }] },
    ]);
  });

  test('runs the official image as its user, without another entry point', () => {
    for (const container of [databases, migrate, admin]) {
      expect(container).toMatchObject({ Image: 'apache/airflow:3.3.2', User: '50000:0' });
      expect(container).not.toHaveProperty('EntryPoint');
    }
  });

  test('runs Python, the migration, and Python', () => {
    const address = [fixture.stack.resolve(fixture.database.hostname), '5432'];

    expect(databases.Command).toEqual(['python', '-c', expect.stringContaining('create database'), ...address]);
    expect(migrate.Command).toEqual(['db', 'migrate']);
    expect(admin.Command).toEqual(['python', '-c', expect.stringContaining("'users', 'create'"), ...address]);
  });

  test('gives each container exactly the secrets that it needs', () => {
    expect(names(databases.Secrets)).toEqual([
      'AIRFLOW_DB_MASTER_PASSWORD', 'AIRFLOW_DB_MASTER_USERNAME', 'AIRFLOW_DB_PASSWORD', 'AIRFLOW_RESULT_DB_PASSWORD',
    ]);
    expect(names(migrate.Secrets)).toEqual(['AIRFLOW_DB_PASSWORD', 'AIRFLOW__CORE__FERNET_KEY']);
    expect(names(admin.Secrets)).toEqual(['AIRFLOW_ADMIN_PASSWORD', 'AIRFLOW_DB_PASSWORD']);
  });

  test('gives the databases container no setting of Airflow', () => {
    expect(databases.Environment).toEqual([{ Name: 'CONNECTION_CHECK_MAX_COUNT', Value: '0' }, { Name: 'PGSSLMODE', Value: 'require' }]);
  });

  test('gives the others the shared settings and the database URLs, with the password left to Airflow to expand', () => {
    const { Environment: environment } = migrate;

    expect(names(environment)).toEqual(expect.arrayContaining([
      'AIRFLOW__CORE__AUTH_MANAGER', 'AIRFLOW__CORE__EXECUTOR', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC',
    ]));
    expect(JSON.stringify(value(migrate, 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN'))).toContain('airflow:$AIRFLOW_DB_PASSWORD@');
    expect(value(migrate, 'CONNECTION_CHECK_MAX_COUNT')).toBe('0');
    expect(admin.Environment).toEqual(expect.arrayContaining(environment));
    expect(names(admin.Environment)).toEqual([...names(environment), 'AIRFLOW_ADMIN_USERNAME', 'PGSSLMODE'].sort());
    expect(value(admin, 'AIRFLOW_ADMIN_USERNAME')).toBe('admin');
  });

  test('writes to the log group of the cluster', () => {
    expect(databases.LogConfiguration).toMatchObject({
      LogDriver: 'awslogs',
      Options: { 'awslogs-group': fixture.stack.resolve(fixture.cluster.logGroup.logGroupName), 'awslogs-stream-prefix': 'migration' },
    });
  });

  test('has 1 vCPU and 2 GiB on Graviton', () => {
    fixture.template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '1024',
      Memory: '2048',
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
  });

  test('has an execution role that reads exactly these secrets', () => {
    const { secrets, database, fernetKey, stack } = fixture;
    const policies = fixture.template.findResources('AWS::IAM::Policy', {
      Properties: { Roles: [{ Ref: Match.stringLikeRegexp('MigrationTaskDefinitionExecutionRole') }] },
    });
    const statements: Statement[] = Object.values(policies)[0].Properties.PolicyDocument.Statement;
    const readable = statements.filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue')).map(({ Resource }) => Resource);

    const expected = [
      database.masterSecret, secrets.database.secret, secrets.resultDatabase.secret, secrets.admin.secret, fernetKey.key.secret,
    ].map(secret => stack.resolve(secret.secretArn));
    expect(readable).toHaveLength(expected.length);
    expect(readable).toEqual(expect.arrayContaining(expected));
  });
});

describe('custom resource', () => {
  const fixture = new Fixture();
  const migration = fixture.migrate();
  const { stack, cluster } = fixture;
  const [customResource] = Object.values(fixture.template.findResources('Custom::AirflowMigration'));

  test('tells the handler what to run, where and how long', () => {
    expect(customResource.Properties).toEqual({
      ServiceToken: { 'Fn::GetAtt': ['MigrationFunction3EA47DB8', 'Arn'] },
      ServiceTimeout: '3600',
      ClusterArn: stack.resolve(cluster.ecsCluster.clusterArn),
      TaskDefinitionArn: stack.resolve(migration.taskDefinition.taskDefinitionArn),
      SubnetIds: cluster.vpc.privateSubnets.map(subnet => stack.resolve(subnet.subnetId)),
      SecurityGroupId: stack.resolve(migration.connections.securityGroups[0].securityGroupId),
      TimeoutSeconds: 3480,
      LogGroup: stack.resolve(cluster.logGroup.logGroupName),
      LogStreamPrefix: 'migration',
    });
  });

  test('waits for the writer, the Fernet key, the execution role\'s policy and the way to the internet', () => {
    const resources = fixture.template.toJSON().Resources;
    const waitsFor = new Set(customResource.DependsOn.map((id: string) => resources[id].Type));

    expect([...waitsFor].sort()).toEqual([
      'AWS::EC2::Route', 'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SubnetRouteTableAssociation',
      'AWS::ECS::TaskDefinition', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup',
      'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::RDS::DBSubnetGroup',
      'Custom::FernetKey',
    ]);
  });

  test('lets the handler run this task in this cluster and see the status of this stack, and nothing else', () => {
    const clusterArn = stack.resolve(cluster.ecsCluster.clusterArn);
    const arn = (resource: unknown[]) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ...resource]],
    });

    expect(fixture.handlerStatements).toEqual([
      {
        Effect: 'Allow',
        Action: 'ecs:RunTask',
        Resource: arn([`:task-definition/${migration.taskDefinition.family}:*`]),
        Condition: { ArnEquals: { 'ecs:cluster': clusterArn } },
      },
      {
        Effect: 'Allow',
        Action: ['ecs:DescribeTasks', 'ecs:StopTask'],
        Resource: arn([':task/', stack.resolve(cluster.ecsCluster.clusterName), '/*']),
        Condition: { ArnEquals: { 'ecs:cluster': clusterArn } },
      },
      { Effect: 'Allow', Action: 'ecs:ListTasks', Resource: '*', Condition: { ArnEquals: { 'ecs:cluster': clusterArn } } },
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: [migration.taskDefinition.taskRole, migration.taskDefinition.executionRole!].map(role => stack.resolve(role.roleArn)),
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
      { Effect: 'Allow', Action: 'cloudformation:DescribeStacks', Resource: { Ref: 'AWS::StackId' } },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^MigrationFunctionLogGroup/), 'Arn'] },
      },
    ]);
  });

  test('lets the handler invoke its own function, by a policy that the function need not wait for but the custom resource does', () => {
    const [[policy, { Properties }]] = Object.entries(fixture.template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('MigrationFunction'));

    expect(Properties).toEqual({
      PolicyName: policy,
      PolicyDocument: {
        Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: { 'Fn::GetAtt': ['MigrationFunction3EA47DB8', 'Arn'] } }],
        Version: '2012-10-17',
      },
      Roles: [{ Ref: expect.stringMatching(/^MigrationFunctionRole/) }],
    });
    expect(customResource.DependsOn).toContain(policy);
  });

  test('an invocation lasts as long as Lambda allows', () => {
    fixture.template.hasResourceProperties('AWS::Lambda::Function', { Description: Match.stringLikeRegexp('migration'), Timeout: 900 });
  });

  test('has the containers whose order the handler knows', () => {
    expect(Object.keys(fixture.containers)).toEqual(CONTAINERS);
  });
});

test('the task reaches the database, and nothing reaches the task', () => {
  const fixture = new Fixture();
  const migration = fixture.migrate();

  const rules = Object.values(fixture.template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties);
  expect(rules).toEqual([expect.objectContaining({
    Description: 'migration to database',
    GroupId: fixture.stack.resolve(fixture.database.connections.securityGroups[0].securityGroupId),
    SourceSecurityGroupId: fixture.stack.resolve(migration.connections.securityGroups[0].securityGroupId),
    FromPort: 5432,
    ToPort: 5432,
  })]);
});

test('what depends on it waits for the end of the migration', () => {
  const fixture = new Fixture();
  const migration = fixture.migrate();
  new sqs.Queue(fixture.stack, 'Dependent').node.addDependency(migration);

  const [id] = Object.keys(fixture.template.findResources('Custom::AirflowMigration'));
  fixture.template.hasResource('AWS::SQS::Queue', { DependsOn: [id] });
});

test('version, architecture and environment can be changed', () => {
  const fixture = new Fixture();
  fixture.migrate({
    version: AirflowVersion.of('3.2.1'),
    cpuArchitecture: ecs.CpuArchitecture.X86_64,
    environment: { AIRFLOW__LOGGING__LOGGING_LEVEL: 'DEBUG' },
  });
  const { databases, migrate, admin } = fixture.containers;

  expect([databases, migrate, admin].map(container => container.Image)).toEqual(Array(3).fill('apache/airflow:3.2.1'));
  expect([databases, migrate, admin].map(container => value(container, 'AIRFLOW__LOGGING__LOGGING_LEVEL'))).toEqual([undefined, 'DEBUG', 'DEBUG']);
  fixture.template.hasResourceProperties('AWS::ECS::TaskDefinition', { RuntimePlatform: { CpuArchitecture: 'X86_64' } });
});

test('an image can be given', () => {
  const fixture = new Fixture();
  fixture.migrate({ image: ecs.ContainerImage.fromRegistry('registry.example.com/airflow:1') });

  expect(Object.values(fixture.containers).map(container => container.Image)).toEqual(Array(3).fill('registry.example.com/airflow:1'));
});

test('a brought password is encoded where it becomes a part of a URL', () => {
  const fixture = new Fixture();
  const brought = secretsmanager.Secret.fromSecretNameV2(fixture.stack, 'Brought', 'brought');
  fixture.migrate({ secrets: new AirflowSecrets(fixture.stack, 'Others', { database: AirflowSecret.fromSecretsManager(brought, 'password') }) });

  const { migrate } = fixture.containers;
  expect(names(migrate.Environment)).toContain('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD');
  expect(names(migrate.Environment)).not.toContain('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN');
});

test('the execution role may decrypt secrets that a key encrypts', () => {
  const fixture = new Fixture();
  const encryptionKey = new kms.Key(fixture.stack, 'Key');
  fixture.migrate({
    database: new AirflowDatabase(fixture.stack, 'Encrypted', { vpc: fixture.cluster.vpc, encryptionKey }),
    secrets: new AirflowSecrets(fixture.stack, 'EncryptedSecrets', { encryptionKey }),
  });

  const policies = fixture.template.findResources('AWS::IAM::Policy');
  const statements: Statement[] = Object.values(policies).flatMap(policy => policy.Properties.PolicyDocument.Statement);
  expect(statements.filter(({ Action }) => Action === 'kms:Decrypt')).toEqual([{
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: fixture.stack.resolve(encryptionKey.keyArn),
    Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } },
  }]);
});

describe('timeout', () => {
  test.each([60, 3480])('of %d seconds is allowed', seconds => {
    const fixture = new Fixture();
    fixture.migrate({ timeout: Duration.seconds(seconds) });

    fixture.template.hasResourceProperties('Custom::AirflowMigration', { TimeoutSeconds: seconds });
  });

  test.each([59, 3481])('fails with %d seconds', seconds => {
    expect(() => new Fixture().migrate({ timeout: Duration.seconds(seconds) })).toThrow(
      `property timeout must be 1 to 58 minutes, got ${seconds / 60} minutes: CloudFormation waits no longer. A migration that takes more goes on, `
      + 'and the next deployment waits for it');
  });

  test('a token passes', () => {
    const fixture = new Fixture();
    fixture.migrate({ timeout: Duration.seconds(Token.asNumber({ Ref: 'Timeout' })) });

    fixture.template.hasResourceProperties('Custom::AirflowMigration', { TimeoutSeconds: { Ref: 'Timeout' } });
  });
});

test('fails with a variable that the library owns', () => {
  expect(() => new Fixture().migrate({ environment: { AIRFLOW__CORE__FERNET_KEY: 'key' } })).toThrow(
    'property environment must not contain AIRFLOW__CORE__FERNET_KEY: use property fernetKey');
});
