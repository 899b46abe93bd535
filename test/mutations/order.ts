import { dropDependency, Mutation } from './mutation';

const MIGRATION = 'AirflowMigration2CF89059';

/** What starts before it can run. */
export const ORDER: Mutation[] = [
  {
    name: 'the web server does not wait for the migration',
    consequence: 'its tasks end without tables, and the circuit breaker fails the deployment',
    apply: template => dropDependency(template.service('web-server'), MIGRATION),
  },
  {
    name: 'workers do not wait for the migration',
    consequence: 'no role for results yet: the first deployment is rolled back, an upgrade runs new workers on old tables',
    apply: template => dropDependency(template.service('worker'), MIGRATION),
  },
  {
    name: 'the scheduler does not wait for the Fernet key',
    consequence: 'the secret has no value when the first task starts: ResourceInitializationError',
    apply: template => dropDependency(template.service('scheduler'), 'AirflowFernetKey9569A78C'),
  },
  {
    name: 'the migration does not wait for the writer of the database',
    consequence: 'it is started while Aurora still makes the instance, and fails after five minutes',
    apply: ({ resources }) => dropDependency(resources[MIGRATION], 'AirflowDatabaseClusterWriter'),
  },
  {
    name: 'the migration does not wait for the policy of its execution role',
    consequence: 'AccessDenied when ECS reads the secrets, in some deployments',
    apply: ({ resources }) => dropDependency(resources[MIGRATION], 'AirflowMigrationTaskDefinitionExecutionRoleDefaultPolicy'),
  },
  {
    name: 'the migration does not wait for the Fernet key',
    consequence: 'the secret has no value when the task starts: ResourceInitializationError',
    apply: ({ resources }) => dropDependency(resources[MIGRATION], 'AirflowFernetKey9569A78C'),
  },
  {
    name: 'the triggerer does not wait for the policy of its execution role',
    consequence: 'AccessDenied when ECS reads the secrets, in some deployments',
    apply: template => dropDependency(template.service('triggerer'), 'AirflowTriggererTaskDefinitionExecutionRoleDefaultPolicy'),
  },
  {
    name: 'services do not wait for the capacity providers of the cluster',
    consequence: 'the deletion of the stack fails: capacity providers are in use',
    apply: template => ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower', 'redis']
      .forEach(container => dropDependency(template.service(container), 'AirflowClusterCapacityProviders')),
  },
  {
    name: 'Redis does not wait for the way to the internet',
    consequence: 'the image cannot be pulled before the NAT gateway is there: the circuit breaker counts failed tasks',
    apply: template => dropDependency(template.service('redis'), 'AirflowClusterVpcPrivateSubnet1DefaultRoute', 'AirflowClusterVpcPrivateSubnet2DefaultRoute'),
  },
  {
    name: 'the scheduler does not wait for Redis',
    consequence: 'tasks are queued to nobody and fail in the first minutes',
    apply: template => dropDependency(template.service('scheduler'), 'AirflowRedisService4FFBAA81'),
  },
  {
    name: 'the DAG processor does not wait for the upload of DAG files',
    consequence: 'it reads an empty bucket first, and every DAG is deactivated for a while',
    apply: template => dropDependency(template.service('dag-processor'), 'AirflowDagsDirectoriesdagsDeploymentCustomResource'),
  },
  {
    name: 'the tables are migrated while the databases are still being made',
    consequence: 'db migrate fails on an empty cluster, in some deployments',
    apply: ({ containers }) => { containers.migrate.definition.DependsOn[0].Condition = 'START'; },
  },
  {
    name: 'the container that makes the databases is essential',
    consequence: 'ECS stops the task as soon as it has ended: nothing is migrated',
    apply: ({ containers }) => { containers.databases.definition.Essential = true; },
  },
  {
    name: 'CloudFormation gives up before the migration does',
    consequence: 'a migration of six minutes is rolled back although it succeeds',
    apply: ({ resources }) => { resources[MIGRATION].Properties.ServiceTimeout = '300'; },
  },
  {
    name: 'the handler of the migration has the default time of Lambda',
    consequence: 'it ends after three seconds without an answer: the deployment hangs until its service timeout',
    apply: ({ resources }) => { delete resources.AirflowMigrationFunction9F13FB81.Properties.Timeout; },
  },
  {
    name: 'the migration step runs the check instead of the migration',
    consequence: 'every component fails on an empty database',
    apply: ({ containers }) => { containers.migrate.definition.Command = ['db', 'check']; },
  },
];
