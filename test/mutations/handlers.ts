import { caughtByTests, SourceMutation } from './source-mutations';

const FERNET_KEY = 'fernet-key/fernet-key.lambda.ts';
const MIGRATION_TASK = 'migration/migration-task.ts';
const MIGRATION_TASKS = 'migration/migration-tasks.ts';
const MIGRATION_RUN = 'migration/migration-run.ts';
const RESPONSE = 'custom-resource/custom-resource-response.ts';

/** Mistakes in the handlers of custom resources, which the template does not show. */
export const HANDLER_MUTATIONS: SourceMutation[] = [
  {
    name: 'the handler of the Fernet key overwrites a key that exists',
    consequence: 'at the next update every stored connection is lost',
    file: FERNET_KEY,
    code: 'if (!await hasValue(secretArn)) {',
    replacement: 'if (!await hasValue(secretArn) || event.RequestType === \'Update\') {',
  },
  {
    name: 'the handler of the Fernet key writes plain base64',
    consequence: 'Airflow refuses most keys: they have + or /',
    file: FERNET_KEY,
    code: '.replaceAll(\'+\', \'-\').replaceAll(\'/\', \'_\')',
    replacement: '',
  },
  {
    name: 'the physical id of the Fernet key changes with every request',
    consequence: 'CloudFormation takes each update for a replacement',
    file: FERNET_KEY,
    code: '`fernet:${secretArn}`',
    replacement: '`fernet:${event.RequestId}`',
  },
  {
    name: 'the handler of the Fernet key fails when Lambda delivers a request twice',
    consequence: 'some deployments fail although the key is there',
    file: FERNET_KEY,
    code: 'if (!(error instanceof ResourceExistsException)) { throw error; }',
    replacement: 'throw error;',
  },
  {
    name: 'the handler of the migration ignores exit codes',
    consequence: 'services start on a database that was not migrated',
    file: MIGRATION_TASK,
    code: 'exitCode !== 0);\n  if',
    replacement: 'exitCode === undefined);\n  if',
  },
  {
    name: 'the handler of the migration does not look for a running task before it starts one',
    consequence: 'two releases migrate at the same time',
    file: MIGRATION_TASKS,
    code: 'if (taskArns.length === 0) { return []; }',
    replacement: 'if (taskArns.length >= 0) { return []; }',
  },
  {
    name: 'the handler of the migration starts a task of the old release in a roll-back, beside that of the new one',
    consequence: 'two releases migrate at the same time',
    file: MIGRATION_RUN,
    code: 'if (task && this.progress.stackStatus === ROLL_BACK) {',
    replacement: 'if (task && this.progress.stackStatus === undefined) {',
  },
  {
    name: 'the handler of the migration stops a task that takes too long',
    consequence: 'tables are left half-way',
    file: MIGRATION_RUN,
    code: 'if (this.remaining() <= 0) {',
    replacement: 'if (this.remaining() <= 0) {\n        await this.tasks.stop(taskArn, STOPPED_EARLY);',
  },
  {
    name: 'the handler of the migration leaves its task running at deletion',
    consequence: 'cluster, subnets and security group cannot be deleted',
    file: MIGRATION_RUN,
    code: 'await this.retry(\'ecs:StopTask\', () => this.tasks.stop(taskArn!, \'the migration is being deleted\'));',
    replacement: '',
  },
  {
    name: 'the handler of the migration starts another task when Lambda delivers a request twice',
    consequence: 'two migrations at once',
    file: MIGRATION_TASKS,
    code: 'clientToken: token,',
    replacement: 'clientToken: `${token}-${Date.now()}`,',
  },
  {
    name: 'handlers work at deletion',
    consequence: 'a stack with a broken database cannot be deleted',
    file: RESPONSE,
    code: 'event.RequestType === \'Delete\'',
    replacement: 'false',
  },
  {
    name: 'handlers show the messages of the AWS SDK',
    consequence: 'the Fernet key can end in an event of CloudFormation',
    file: RESPONSE,
    code: 'error instanceof Error ? error.name :',
    replacement: 'error instanceof Error ? error.message :',
  },
  {
    name: 'handlers log the whole event',
    consequence: 'whoever reads the log can answer CloudFormation in their place',
    file: RESPONSE,
    code: '{ requestType: event.RequestType, requestId: event.RequestId, logicalResourceId: event.LogicalResourceId }',
    replacement: 'event',
  },
];

/** Names of those that a unit test of the handlers fails for. */
export function caughtByHandlerTests(): Set<string> {
  return caughtByTests(HANDLER_MUTATIONS, {
    parts: ['test/fernet-key', 'test/migration', 'test/custom-resource', 'test/private'],
    tests: ['fernet-key/fernet-key.lambda.test.ts', 'migration/migration.lambda.test.ts'],
  });
}
