import { Mutation, remove, statements } from './mutation';

/** Services, permissions and what is kept. */
export const SERVICES: Mutation[] = [
  {
    name: 'a deployment runs two tasks of Redis at once',
    consequence: 'the scheduler queues to one, workers ask the other: tasks are lost',
    apply: template => { Object.assign(template.service('redis').Properties.DeploymentConfiguration, { MinimumHealthyPercent: 100, MaximumPercent: 200 }); },
  },
  {
    name: 'a deployment stops the web server first',
    consequence: 'running tasks lose the Execution API at every deployment',
    apply: template => { template.service('web-server').Properties.DeploymentConfiguration.MinimumHealthyPercent = 0; },
  },
  {
    name: 'ECS evens out workers between zones',
    consequence: 'it stops workers with running tasks whenever it likes',
    apply: template => { delete template.service('worker').Properties.AvailabilityZoneRebalancing; },
  },
  {
    name: 'commands can be run in workers',
    consequence: 'nothing fails: whoever may call ecs:ExecuteCommand is the superuser there',
    apply: template => { template.service('worker').Properties.EnableExecuteCommand = true; },
  },
  {
    name: 'a failing deployment is not rolled back',
    consequence: 'CloudFormation waits three hours for it',
    apply: template => { delete template.service('scheduler').Properties.DeploymentConfiguration.DeploymentCircuitBreaker; },
  },
  {
    name: 'workers may not write task logs',
    consequence: 'nothing fails: the logs are gone with the worker',
    apply: template => {
      for (const statement of statements(template, 'worker', 'TaskRoleArn').filter(({ Action }) => Action.includes('s3:PutObject'))) {
        statement.Action = 's3:GetObject';
      }
    },
  },
  {
    name: 'the DAG processor may not read DAG files',
    consequence: 'no DAG appears: AccessDenied',
    apply: template => {
      remove(statements(template, 'dag-processor', 'TaskRoleArn'), ({ Action }) => [Action].flat().includes('s3:GetObject'));
    },
  },
  {
    name: 'the web server may write task logs',
    consequence: 'nothing fails: whoever takes over the web server can change what tasks have said',
    apply: template => {
      statements(template, 'web-server', 'TaskRoleArn').find(({ Action }) => [Action].flat().includes('s3:GetObject')).Action = ['s3:GetObject', 's3:PutObject'];
    },
  },
  {
    name: 'the web server may list every object of the bucket of task logs',
    consequence: 'nothing fails',
    apply: template => {
      delete statements(template, 'web-server', 'TaskRoleArn').find(({ Action }) => Action === 's3:ListBucket').Condition;
    },
  },
  {
    name: 'workers may list the bucket of task logs below its prefix only',
    consequence: 'nothing fails: a log that is not there yet is answered with 403, so none is ever written',
    apply: template => {
      statements(template, 'worker', 'TaskRoleArn').find(({ Action }) => Action === 's3:ListBucket').Condition = { StringLike: { 's3:prefix': 'logs/*' } };
    },
  },
  {
    name: 'workers have the permissions of their execution role',
    consequence: 'nothing fails: code of any DAG can read the secrets of workers',
    apply: template => {
      const { Properties } = template.resources[template.containers.worker.taskDefinition];
      Properties.TaskRoleArn = Properties.ExecutionRoleArn;
    },
  },
  {
    name: 'the log group is not the one that the role may write to',
    consequence: 'no task starts: ResourceInitializationError, failed to create a log stream',
    apply: template => {
      statements(template, 'flower', 'ExecutionRoleArn').find(({ Action }) => Action.includes('logs:PutLogEvents')).Resource =
        { 'Fn::GetAtt': ['AirflowMigrationFunctionLogGroupD09E2B52', 'Arn'] };
    },
  },
  {
    name: 'the handler of the migration may not pass the execution role',
    consequence: 'the first deployment fails: AccessDenied on iam:PassRole',
    apply: ({ resources }) => {
      const [{ PolicyDocument }] = resources.AirflowMigrationFunctionRole0861FF93.Properties.Policies;
      PolicyDocument.Statement.find(({ Action }: any) => Action === 'iam:PassRole').Resource.pop();
    },
  },
  {
    name: 'the handler of the migration may run the task in every cluster',
    consequence: 'nothing fails',
    apply: ({ resources }) => {
      const [{ PolicyDocument }] = resources.AirflowMigrationFunctionRole0861FF93.Properties.Policies;
      delete PolicyDocument.Statement.find(({ Action }: any) => Action === 'ecs:RunTask').Condition;
    },
  },
  {
    name: 'the handler of the migration has an old revision\'s task definition in its permission',
    consequence: 'the second deployment fails: AccessDenied on ecs:RunTask',
    apply: ({ resources }) => {
      const [{ PolicyDocument }] = resources.AirflowMigrationFunctionRole0861FF93.Properties.Policies;
      const statement = PolicyDocument.Statement.find(({ Action }: any) => Action === 'ecs:RunTask');
      statement.Resource = JSON.parse(JSON.stringify(statement.Resource).replace(':*"', ':1"'));
    },
  },
];

/** State that is lost, unprotected or unusable. */
export const STATE: Mutation[] = [
  {
    name: 'the database is deleted with the stack',
    consequence: 'all history is gone, without a snapshot',
    apply: ({ resources }) => { resources.AirflowDatabaseCluster390DDA42.DeletionPolicy = 'Delete'; },
  },
  {
    name: 'the Fernet key is deleted with the stack',
    consequence: 'the snapshot of the database is there, its connections cannot be decrypted any more',
    apply: ({ resources }) => { resources.AirflowFernetKeySecret45BDA978.DeletionPolicy = 'Delete'; },
  },
  {
    name: 'the database has another logical id',
    consequence: 'an update replaces it by an empty one',
    apply: template => {
      const renamed = JSON.parse(JSON.stringify(template.resources).replaceAll('AirflowDatabaseCluster390DDA42', 'AirflowMetadataDatabase390DDA42'));
      Object.keys(template.resources).forEach(id => delete template.resources[id]);
      Object.assign(template.resources, renamed);
    },
  },
  {
    name: 'the bucket of task logs can be public',
    consequence: 'nothing fails until somebody adds a policy',
    apply: ({ resources }) => { delete resources.AirflowTaskLogsBucket59D1D076.Properties.PublicAccessBlockConfiguration; },
  },
  {
    name: 'the bucket of task logs answers plain HTTP',
    consequence: 'nothing fails',
    apply: ({ resources }) => { delete resources.AirflowTaskLogsBucketPolicy51AC21FF; },
  },
  {
    name: 'the bucket of task logs has a name',
    consequence: 'a second deployment in any account of the world fails: the name is taken',
    apply: ({ resources }) => { resources.AirflowTaskLogsBucket59D1D076.Properties.BucketName = 'airflow-logs'; },
  },
  {
    name: 'the database can be deleted',
    consequence: 'nothing fails until somebody does',
    apply: ({ resources }) => { resources.AirflowDatabaseCluster390DDA42.Properties.DeletionProtection = false; },
  },
  {
    name: 'the database has a public address',
    consequence: 'nothing fails: its subnets are private',
    apply: ({ resources }) => { resources.AirflowDatabaseClusterWriterADA354BC.Properties.PubliclyAccessible = true; },
  },
  {
    name: 'the database is a release that cannot be created any more',
    consequence: 'the first deployment fails: "Cannot find version 16.6 for aurora-postgresql"',
    apply: ({ resources }) => {
      resources.AirflowDatabaseCluster390DDA42.Properties.EngineVersion = '16.6';
      resources.AirflowDatabaseParametersFD4262AD.Properties.Family = 'aurora-postgresql16';
    },
  },
  {
    name: 'the database takes connections without TLS',
    consequence: 'nothing fails',
    apply: ({ resources }) => { delete resources.AirflowDatabaseParametersFD4262AD.Properties.Parameters['rds.force_ssl']; },
  },
  {
    name: 'the log group keeps everything forever',
    consequence: 'nothing fails: it is paid forever',
    apply: ({ resources }) => { delete resources.AirflowClusterLogGroupF9E86CE7.Properties.RetentionInDays; },
  },
  {
    name: 'a property is misspelt',
    consequence: 'CloudFormation refuses the template',
    apply: ({ resources }) => {
      const { Properties } = resources.AirflowDatabaseCluster390DDA42;
      Properties.BackupRetentionPeriodDays = Properties.BackupRetentionPeriod;
      delete Properties.BackupRetentionPeriod;
    },
  },
];
