import { actionsOfCloudFormation } from '../../../../local/aws-api/actions/cloudformation';

const PREFIX = 'arn:aws:cloudformation:eu-west-1:111111111111';
const pairs = (operation: string, input: Record<string, string>) =>
  actionsOfCloudFormation(operation, input, PREFIX)?.map(({ action, resource }) => `${action} ${resource}`);

test('a stack is meant by its name or its id', () => {
  expect(pairs('DescribeStacks', { StackName: 'Airflow' })).toEqual([`cloudformation:DescribeStacks ${PREFIX}:stack/Airflow/*`]);
  expect(pairs('DeleteStack', { StackName: `${PREFIX}:stack/Airflow/1` })).toEqual([`cloudformation:DeleteStack ${PREFIX}:stack/Airflow/1`]);
  expect(pairs('DescribeStacks', {})).toEqual(['cloudformation:DescribeStacks *']);
  expect(pairs('ListExports', {})).toEqual(['cloudformation:ListExports *']);
});

test('who has CloudFormation act with a role has to be allowed to pass it', () => {
  expect(actionsOfCloudFormation('CreateChangeSet', { StackName: 'Airflow', RoleARN: 'arn:role' }, PREFIX)).toEqual([
    { action: 'cloudformation:CreateChangeSet', resource: `${PREFIX}:stack/Airflow/*` },
    { action: 'iam:PassRole', resource: 'arn:role', context: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
  ]);
});

test('other operations are not known', () => {
  expect(pairs('CreateStackSet', { StackName: 'Airflow' })).toBeUndefined();
});
