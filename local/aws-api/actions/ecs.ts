import type { Action } from '../../iam/iam';

/** What ECS knows and a request does not say. */
export interface TaskDefinitionLookup {
  /** By ARN, `family:revision` or `family`. */
  taskDefinition(reference: string): { readonly arn: string; readonly taskRoleArn?: string; readonly executionRoleArn?: string } | undefined;
}

type Input = Record<string, unknown>;

/** What an operation of ECS needs; undefined if it is none that is known here. */
export function actionsOfEcs(operation: string, input: Input, lookup: TaskDefinitionLookup, prefix: string): Action[] | undefined {
  const cluster = String(input.cluster ?? 'default').split('/').at(-1)!;
  const context = { 'ecs:cluster': `${prefix}:cluster/${cluster}` };
  const on = (resource: string): Action => ({ action: `ecs:${operation}`, resource, context });
  const within = (type: string, reference: unknown) => on(String(reference).startsWith('arn:') ? String(reference) : `${prefix}:${type}/${cluster}/${String(reference)}`);
  switch (operation) {
    case 'RunTask': {
      const reference = String(input.taskDefinition);
      const definition = lookup.taskDefinition(reference);
      const roles = [definition?.executionRoleArn, definition?.taskRoleArn].filter(role => role !== undefined);
      return [
        on(definition?.arn ?? (reference.startsWith('arn:') ? reference : `${prefix}:task-definition/${reference}`)),
        ...new Set(roles.map(role => ({ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }))),
      ];
    }
    case 'StopTask':
      return [within('task', input.task)];
    case 'DescribeTasks':
    case 'GetTaskProtection':
    case 'UpdateTaskProtection':
      return [input.tasks ?? []].flat().map(task => within('task', task));
    case 'ListTasks':
      return [on('*')]; // whatever the filters, unless it is a container instance
    case 'DescribeServices':
      return [input.services ?? []].flat().map(service => within('service', service));
    case 'UpdateService':
      return [{
        ...within('service', input.service),
        context: {
          ...context,
          'ecs:task-definition': input.taskDefinition === undefined ? undefined : String(input.taskDefinition),
          'ecs:enable-execute-command': input.enableExecuteCommand === undefined ? undefined : String(input.enableExecuteCommand),
        },
      }];
    default:
      return undefined;
  }
}
