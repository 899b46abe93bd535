import type { Action } from '../../iam/iam';

/** What an operation of CloudFormation needs; undefined if it is none that is known here. */
export function actionsOfCloudFormation(operation: string, input: URLSearchParams, prefix: string): Action[] | undefined {
  if (operation !== 'DescribeStacks') {
    return undefined;
  }
  const name = input.get('StackName');
  const resource = name === null ? '*' : name.startsWith('arn:') ? name : `${prefix}:stack/${name}/*`;
  return [{ action: 'cloudformation:DescribeStacks', resource }];
}
