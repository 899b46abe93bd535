import { UserError } from '../errors';
import type { Scope } from './intrinsics';
import type { PhysicalNames } from './physical-names';
import type { Created } from './resource';
import { BOOTSTRAP_PARAMETER, type ParameterDeclaration, type Template } from './template';

/** What the functions of one template refer to; `created` grows while the deployment goes on. */
export function templateScope(template: Template, names: PhysicalNames, created: ReadonlyMap<string, Created>): Scope {
  const { partition, region, account } = names.awsEnvironment;
  const values: Record<string, unknown> = {
    ...parameterValues(template.Parameters ?? {}),
    'AWS::AccountId': account,
    'AWS::NotificationARNs': [],
    'AWS::Partition': partition,
    'AWS::Region': region,
    'AWS::StackId': names.stackId,
    'AWS::StackName': names.stack,
    'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
  return {
    region,
    ref: name => Object.hasOwn(values, name) ? values[name] : created.get(name)?.ref,
    attribute: (logicalId, attribute) => created.get(logicalId)?.attributes[attribute],
    mapping: (map, first, second) => template.Mappings?.[map]?.[first]?.[second],
  };
}

function parameterValues(parameters: Record<string, ParameterDeclaration>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== BOOTSTRAP_PARAMETER).map(([name, { Type, Default }]) => {
    if (Type.startsWith('AWS::SSM::')) {
      throw new UserError(`parameter "${name}" reads the SSM parameter ${JSON.stringify(Default)} (${Type}), which does not exist locally; give the value in the app instead`);
    }
    if (Default === undefined) {
      throw new UserError(`parameter "${name}" has no default, and the local runner has no other value for it; give it a default in the app`);
    }
    const value = String(Default);
    return [name, Type === 'CommaDelimitedList' || Type.startsWith('List<') ? value.split(',').map(element => element.trim()) : value];
  }));
}
