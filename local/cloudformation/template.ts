export type Properties = Record<string, unknown>;

export interface ResourceDeclaration {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DependsOn?: string | string[];
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: DeletionPolicy;
  readonly UpdateReplacePolicy?: DeletionPolicy;
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';

export interface ParameterDeclaration {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly NoEcho?: boolean | string;
}

export interface OutputDeclaration {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

/** An output with its value. */
export interface Output {
  readonly name: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** A CloudFormation template in JSON, as CDK writes it. */
export interface Template {
  readonly Resources: Record<string, ResourceDeclaration>;
  readonly Parameters?: Record<string, ParameterDeclaration>;
  readonly Conditions?: Record<string, unknown>;
  readonly Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  readonly Outputs?: Record<string, OutputDeclaration>;
}

const SECTIONS = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Conditions', 'Mappings', 'Resources', 'Outputs', 'Rules'];

const RESOURCE_ATTRIBUTES = [
  'Type', 'Properties', 'DependsOn', 'Condition', 'Metadata', 'DeletionPolicy', 'UpdateReplacePolicy', 'UpdatePolicy', 'CreationPolicy',
];

/** CDK adds this rule (and the parameter it reads) to every template; it is about the account's bootstrap stack, which nothing local has. */
const BOOTSTRAP_RULE = 'CheckBootstrapVersion';
export const BOOTSTRAP_PARAMETER = 'BootstrapVersion';

/** What the runner would otherwise leave out without a word. */
export function templateProblems(template: Template, file: string): string[] {
  const problems: string[] = [];
  for (const section of Object.keys(template).filter(name => !SECTIONS.includes(name))) {
    problems.push(`${file} has a section "${section}", which the local runner does not support`);
  }
  for (const rule of Object.keys((template as { Rules?: object }).Rules ?? {}).filter(name => name !== BOOTSTRAP_RULE)) {
    problems.push(`${file} has a rule "${rule}"; the local runner does not check template rules`);
  }
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    for (const attribute of Object.keys(resource).filter(name => !RESOURCE_ATTRIBUTES.includes(name))) {
      problems.push(`resource "${logicalId}" has an attribute "${attribute}", which the local runner does not support`);
    }
    if (resource.Type === 'AWS::CloudFormation::Stack') {
      problems.push(`resource "${logicalId}" is a nested stack; the local runner does not realise nested stacks: define its resources in the stack itself`);
    }
  }
  return problems;
}
