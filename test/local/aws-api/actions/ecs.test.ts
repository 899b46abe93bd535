import { actionsOfEcs } from '../../../../local/aws-api/actions/ecs';

const PREFIX = 'arn:aws:ecs:eu-west-1:111111111111';
const DEFINITION = { arn: `${PREFIX}:task-definition/migration:7`, taskRoleArn: 'arn:task-role', executionRoleArn: 'arn:execution-role' };
const lookup = { taskDefinition: (reference: string) => ['migration', DEFINITION.arn].includes(reference) ? DEFINITION : undefined };
const pairs = (operation: string, input: Record<string, unknown>) => actionsOfEcs(operation, input, lookup, PREFIX)?.map(({ action, resource }) => `${action} ${resource}`);

test.each<[string, Record<string, unknown>, string[]]>([
  ['RunTask', { taskDefinition: 'migration' }, [`ecs:RunTask ${DEFINITION.arn}`, 'iam:PassRole arn:execution-role', 'iam:PassRole arn:task-role']],
  ['RunTask', { taskDefinition: 'other:1' }, [`ecs:RunTask ${PREFIX}:task-definition/other:1`]],
  ['StopTask', { cluster: 'airflow', task: 'id' }, [`ecs:StopTask ${PREFIX}:task/airflow/id`]],
  ['DescribeTasks', { cluster: 'airflow', tasks: ['id', `${PREFIX}:task/airflow/x`] }, [`ecs:DescribeTasks ${PREFIX}:task/airflow/id`, `ecs:DescribeTasks ${PREFIX}:task/airflow/x`]],
  ['ListTasks', { cluster: 'airflow' }, ['ecs:ListTasks *']],
  ['DescribeServices', { cluster: `${PREFIX}:cluster/airflow`, services: ['worker'] }, [`ecs:DescribeServices ${PREFIX}:service/airflow/worker`]],
  ['GetTaskProtection', { cluster: 'airflow', tasks: ['id'] }, [`ecs:GetTaskProtection ${PREFIX}:task/airflow/id`]],
  ['UpdateTaskProtection', { cluster: 'airflow', tasks: ['id', 'x'] }, [`ecs:UpdateTaskProtection ${PREFIX}:task/airflow/id`, `ecs:UpdateTaskProtection ${PREFIX}:task/airflow/x`]],
  ['UpdateService', { service: 'worker' }, [`ecs:UpdateService ${PREFIX}:service/default/worker`]],
])('%s of %j', (operation, input, expected) => {
  expect(pairs(operation, input)).toEqual(expected);
});

test('the cluster and the service that a role is passed to can be conditions', () => {
  const contexts = actionsOfEcs('RunTask', { cluster: 'airflow', taskDefinition: 'migration' }, lookup, PREFIX)!.map(({ context }) => context);

  expect(contexts).toEqual([
    { 'ecs:cluster': `${PREFIX}:cluster/airflow` }, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  ]);
});

test('what UpdateService would change can be a condition', () => {
  const context = (input: object) => actionsOfEcs('UpdateService', { service: 'worker', ...input }, lookup, PREFIX)![0].context;
  const cluster = { 'ecs:cluster': `${PREFIX}:cluster/default` };

  expect(context({ desiredCount: 2 })).toEqual({ ...cluster, 'ecs:task-definition': undefined, 'ecs:enable-execute-command': undefined });
  expect(context({ taskDefinition: 'other', enableExecuteCommand: true })).toEqual({ ...cluster, 'ecs:task-definition': 'other', 'ecs:enable-execute-command': 'true' });
});

test('other operations are not known', () => {
  expect(pairs('DeleteCluster', {})).toBeUndefined();
});
