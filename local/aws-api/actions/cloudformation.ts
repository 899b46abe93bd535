import type { Action } from '../../iam/iam';
import type { QueryInput } from '../query-protocol';

/** Operations on one stack, which is named or of which there is a change set. */
const OF_A_STACK = new Set([
  'ContinueUpdateRollback', 'CreateChangeSet', 'CreateStack', 'DeleteChangeSet', 'DeleteStack', 'DescribeChangeSet', 'DescribeStackEvents',
  'DescribeStackResource', 'DescribeStackResources', 'DescribeStacks', 'ExecuteChangeSet', 'GetStackPolicy', 'GetTemplate', 'GetTemplateSummary',
  'ListChangeSets', 'ListStackResources', 'RollbackStack', 'UpdateStack', 'UpdateTerminationProtection',
]);
const OF_THE_ACCOUNT = new Set(['ListExports', 'ListImports', 'ListStacks', 'ValidateTemplate']);

/** What an operation of CloudFormation needs; undefined if it is none that is known here. */
export function actionsOfCloudFormation(operation: string, { StackName, RoleARN }: QueryInput, prefix: string): Action[] | undefined {
  const action = `cloudformation:${operation}`;
  if (OF_THE_ACCOUNT.has(operation)) return [{ action, resource: '*' }];
  if (!OF_A_STACK.has(operation)) return undefined;
  const resource = StackName === undefined ? '*' : String(StackName).startsWith('arn:') ? String(StackName) : `${prefix}:stack/${String(StackName)}/*`;
  return [
    { action, resource },
    ...RoleARN === undefined ? [] : [{ action: 'iam:PassRole', resource: String(RoleARN), context: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } }],
  ];
}
