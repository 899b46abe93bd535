import type { AccountStack } from './account-stack';
import { EMPTY_REASON, type ChangeSet } from './change-sets';
import type { StackResource } from '../resource';
import type { StackEvent } from '../stack-events';
import type { ParameterDeclaration } from '../template';

const NOT_CHECKED = { StackDriftStatus: 'NOT_CHECKED' };

/** As `ListStacks` tells it. */
export function summaryOf({ id, name, status, details }: AccountStack): object {
  return {
    StackId: id,
    StackName: name,
    CreationTime: details.createdAt,
    LastUpdatedTime: details.updatedAt,
    DeletionTime: details.deletedAt,
    StackStatus: status,
    StackStatusReason: details.reason,
    DriftInformation: NOT_CHECKED,
  };
}

/** As `DescribeStacks` tells it. */
export function descriptionOf(stack: AccountStack): object {
  const { submission, details, outputs } = stack;
  return {
    ...summaryOf(stack),
    Description: (submission?.template as { Description?: string } | undefined)?.Description,
    DisableRollback: details.disableRollback ?? false,
    EnableTerminationProtection: details.terminationProtection ?? false,
    RoleARN: submission?.roleArn,
    Parameters: Object.entries(submission?.template.Parameters ?? {}).map(([name, declaration]) => parameterOf(name, declaration, stack)),
    Outputs: outputs.map(({ name, value, description, exportName }) => ({
      OutputKey: name, OutputValue: value, Description: description, ExportName: exportName,
    })),
    Tags: Object.entries(submission?.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [],
    NotificationARNs: [],
  };
}

function parameterOf(name: string, { Type, Default, NoEcho }: ParameterDeclaration, { submission }: AccountStack): object {
  const value = submission!.parameters[name] ?? String(Default);
  return {
    ParameterKey: name,
    ParameterValue: String(NoEcho) === 'true' ? '****' : value,
    ResolvedValue: Type.startsWith('AWS::SSM::') ? String(submission!.resolved[name]) : undefined,
  };
}

/** The newest first. */
export function eventsOf(stack: AccountStack): object[] {
  return stack.events().map((event, index) => eventOf(event, index, stack)).reverse();
}

function eventOf({ logicalId, type, physicalId, status, reason, time }: StackEvent, index: number, { id, name }: AccountStack): object {
  return {
    EventId: `${logicalId}-${index}`,
    StackId: id,
    StackName: name,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Timestamp: time,
    ResourceStatus: status,
    ResourceStatusReason: reason,
  };
}

/** As `DescribeStackResources` tells it; other operations have fewer of the names, or others for the time. */
export function resourceOf({ logicalId, physicalId, type }: StackResource, stack: AccountStack): object {
  const last = stack.events().reverse().find(event => event.logicalId === logicalId);
  const time = last?.time ?? stack.details.createdAt;
  return {
    StackId: stack.id,
    StackName: stack.name,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: last?.status ?? 'CREATE_COMPLETE',
    ResourceStatusReason: last?.reason,
    Timestamp: time,
    LastUpdatedTimestamp: time,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  };
}

export function changeSetOf({ id, name, stack, createdAt, changes, isEmpty, submission }: ChangeSet): object {
  return {
    ChangeSetId: id,
    ChangeSetName: name,
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: createdAt,
    Status: isEmpty ? 'FAILED' : 'CREATE_COMPLETE',
    StatusReason: isEmpty ? EMPTY_REASON : undefined,
    ExecutionStatus: isEmpty ? 'UNAVAILABLE' : 'AVAILABLE',
    Changes: changes.map(ResourceChange => ({ Type: 'Resource', ResourceChange })),
    Parameters: Object.entries(submission.parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Tags: Object.entries(submission.tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [],
  };
}
