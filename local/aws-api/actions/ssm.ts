import type { Action } from '../../iam/iam';

/** What an operation of Systems Manager needs; undefined if it is none that is known here. */
export function actionsOfSsm(operation: string, input: Record<string, unknown>, prefix: string): Action[] | undefined {
  const names = operation === 'GetParameter' ? [input.Name] : operation === 'GetParameters' ? [input.Names ?? []].flat() : undefined;
  return names?.map(name => ({ action: `ssm:${operation}`, resource: `${prefix}:parameter/${String(name).replace(/^\//, '')}` }));
}
