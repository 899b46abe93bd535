import { UserError } from '../errors';
import { evaluateCondition, intrinsicName, type Scope } from './intrinsics';
import { mapMembers } from './members';
import type { OutputDeclaration, ResourceDeclaration, Template } from './template';

/** Resources and outputs whose condition holds, with every `Fn::If` replaced by the branch that is taken. */
export interface ConditionedTemplate {
  readonly resources: Record<string, ResourceDeclaration>;
  readonly outputs: Record<string, OutputDeclaration>;
}

export function applyConditions(template: Template, scope: Scope): ConditionedTemplate {
  const condition = evaluator(template, scope);
  const holds = (name: string, path: string) => {
    const value = condition(name);
    if (value === undefined) {
      throw new UserError(`${path} refers to the condition "${name}", which does not exist`);
    }
    return value;
  };
  const select = <T extends { Condition?: string }>(declarations: Record<string, T>) => Object.fromEntries(Object.entries(declarations)
    .filter(([logicalId, { Condition }]) => Condition === undefined || holds(Condition, logicalId))
    .map(([logicalId, declaration]) => [logicalId, takeBranches(declaration, holds, logicalId) as T]));
  return { resources: select(template.Resources), outputs: select(template.Outputs ?? {}) };
}

function evaluator(template: Template, scope: Scope): (name: string) => boolean | undefined {
  const values = new Map<string, boolean>();
  const evaluating: string[] = [];
  const condition = (name: string): boolean | undefined => {
    const declaration = template.Conditions?.[name];
    if (declaration === undefined) {
      return undefined;
    }
    if (evaluating.includes(name)) {
      throw new UserError(`conditions refer to each other in a circle: ${[...evaluating, name].join(' -> ')}`);
    }
    evaluating.push(name);
    const value = values.get(name) ?? evaluateCondition(declaration, { ...scope, condition }, `Conditions.${name}`);
    evaluating.pop();
    values.set(name, value);
    return value;
  };
  return condition;
}

function takeBranches(value: unknown, holds: (name: string, path: string) => boolean, path: string): unknown {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && intrinsicName(value, path) === 'Fn::If') {
    const argument = (value as { 'Fn::If': unknown })['Fn::If'];
    if (!Array.isArray(argument) || argument.length !== 3 || typeof argument[0] !== 'string') {
      throw new UserError(`${path}.Fn::If expects a condition and two values`);
    }
    return takeBranches(argument[holds(argument[0], path) ? 1 : 2], holds, path);
  }
  return mapMembers(value, (member, step) => takeBranches(member, holds, path + step));
}
