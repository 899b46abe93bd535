import { actionsOfCloudFormation } from '../../../../local/aws-api/actions/cloudformation';

const PREFIX = 'arn:aws:cloudformation:eu-west-1:111111111111';
const pairs = (operation: string, input: Record<string, string>) =>
  actionsOfCloudFormation(operation, new URLSearchParams(input), PREFIX)?.map(({ action, resource }) => `${action} ${resource}`);

test('a stack is meant by its name or its id', () => {
  expect(pairs('DescribeStacks', { StackName: 'Airflow' })).toEqual([`cloudformation:DescribeStacks ${PREFIX}:stack/Airflow/*`]);
  expect(pairs('DescribeStacks', { StackName: `${PREFIX}:stack/Airflow/1` })).toEqual([`cloudformation:DescribeStacks ${PREFIX}:stack/Airflow/1`]);
  expect(pairs('DescribeStacks', {})).toEqual(['cloudformation:DescribeStacks *']);
});

test('other operations are not known', () => {
  expect(pairs('DeleteStack', { StackName: 'Airflow' })).toBeUndefined();
});
