import { UserError } from '../errors';
import type { Scope } from './intrinsics';
import type { PhysicalNames } from './physical-names';
import type { Created } from './resource';
import { BOOTSTRAP_PARAMETER, type ParameterDeclaration, type Template } from './template';

/** What a template takes from an account with other stacks in it. */
export interface Surroundings {
  /** What whoever deploys gives to parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Value of an SSM parameter; undefined if there is none. */
  ssmParameter(name: string): string | undefined;
  /** Value that another stack exports; undefined if none does. */
  exported(name: string): string | undefined;
  /** Throws if the stack may not export these values instead of what it has exported so far. */
  checkExports(values: ReadonlyMap<string, string>): void;
}

/** What the functions of one template refer to; `created` grows while the deployment goes on. Without surroundings parameters have their defaults. */
export function templateScope(template: Template, names: PhysicalNames, created: ReadonlyMap<string, Created>, surroundings?: Surroundings): Scope {
  const { partition, region, account } = names.awsEnvironment;
  const values: Record<string, unknown> = {
    ...parameterValues(template.Parameters ?? {}, surroundings),
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
    ...surroundings && { exported: name => surroundings.exported(name) },
  };
}

/** By name; a list of values where the type is one. */
export function parameterValues(declarations: Record<string, ParameterDeclaration>, surroundings?: Surroundings): Record<string, unknown> {
  // without surroundings there is no bootstrap stack either, and only a rule reads its version
  const needed = Object.entries(declarations).filter(([name]) => surroundings !== undefined || name !== BOOTSTRAP_PARAMETER);
  return Object.fromEntries(needed.map(([name, declaration]) => [name, parameterValue(name, declaration, surroundings)]));
}

function parameterValue(name: string, declaration: ParameterDeclaration, surroundings?: Surroundings): string | string[] {
  const { Type, Default, AllowedValues, AllowedPattern } = declaration;
  const given = surroundings?.parameters[name] ?? Default;
  if (given === undefined) {
    throw new UserError(surroundings ? `Parameters: [${name}] must have values`
      : `parameter "${name}" has no default, and the local runner has no other value for it; give it a default in the app`);
  }
  const text = String(given);
  if (AllowedValues && !AllowedValues.map(String).includes(text)) {
    throw new UserError(`Parameter '${name}' must be one of AllowedValues: ${AllowedValues.join(', ')}`);
  }
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(text)) {
    throw new UserError(`Parameter '${name}' must match pattern ${AllowedPattern}`);
  }
  const value = Type.startsWith('AWS::SSM::') ? ssmParameter(name, text, Type, surroundings) : text;
  return Type === 'CommaDelimitedList' || /(^|<)List</.test(Type) ? value.split(',').map(element => element.trim()) : value;
}

function ssmParameter(name: string, ssmName: string, type: string, surroundings?: Surroundings): string {
  if (!surroundings) {
    throw new UserError(`parameter "${name}" reads the SSM parameter ${JSON.stringify(ssmName)} (${type}), which does not exist locally; give the value in the app instead`);
  }
  if (type === 'AWS::SSM::Parameter::Name') return ssmName;
  const value = surroundings.ssmParameter(ssmName);
  if (value === undefined) throw new UserError(`Unable to fetch parameters [${ssmName}] from parameter store for this account.`);
  return value;
}
