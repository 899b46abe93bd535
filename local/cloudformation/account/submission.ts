import { parse } from 'yaml';
import type { AccountStack, Submission } from './account-stack';
import { QueryError, type QueryInput } from '../../aws-api/query-protocol';
import { UserError } from '../../errors';
import { parameterValues, type Surroundings } from '../scope';
import type { Template } from '../template';

export interface TemplateSource {
  /** Text of an object in S3. */
  readonly read: (bucket: string, key: string) => string;
}

/** What an operation that deploys says, with what it leaves as it was before. */
export function parseSubmission(
  input: QueryInput, stack: AccountStack | undefined, source: TemplateSource, surroundings: (parameters: Submission['parameters']) => Surroundings,
): Submission {
  refuseUnsupported(input);
  const before = stack?.submission;
  const template = String(input.UsePreviousTemplate) === 'true' ? before?.template : parseTemplate(input, source);
  if (!template) throw new QueryError('Either Template URL or Template Body must be specified.');
  const parameters = Object.fromEntries(members(input.Parameters).map(({ ParameterKey, ParameterValue, UsePreviousValue }) => {
    const name = String(ParameterKey);
    if (String(UsePreviousValue) !== 'true') return [name, String(ParameterValue ?? '')];
    const value = before?.parameters[name] ?? before?.template.Parameters?.[name]?.Default;
    if (value === undefined) throw new QueryError(`Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`);
    return [name, String(value)];
  }));
  return {
    template,
    parameters,
    resolved: parameterValues(template.Parameters ?? {}, surroundings(parameters)),
    tags: input.Tags === undefined ? before?.tags ?? {}
      : Object.fromEntries(members(input.Tags).map(({ Key, Value }) => [String(Key), String(Value)])),
    roleArn: input.RoleARN === undefined ? before?.roleArn : String(input.RoleARN),
  };
}

export function members(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value as Record<string, unknown>[] : [];
}

/** JSON or YAML with the long forms of functions, which is what CDK sends. */
export function parseTemplate({ TemplateBody, TemplateURL }: QueryInput, { read }: TemplateSource): Template | undefined {
  const text = TemplateBody === undefined ? TemplateURL === undefined ? undefined : read(...objectOf(String(TemplateURL))) : String(TemplateBody);
  if (text === undefined) return undefined;
  let template: unknown;
  try {
    template = text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { schema: 'core', logLevel: 'error' });
  } catch (error) {
    throw new QueryError(`Template format error: ${(error as Error).message}`);
  }
  const { Resources } = (template ?? {}) as Partial<Template>;
  if (typeof Resources !== 'object' || Object.keys(Resources).length === 0) {
    throw new QueryError('Template format error: At least one Resources member must be defined.');
  }
  return template as Template;
}

/** Bucket and key; whatever the host is, this account's S3 is meant. */
function objectOf(url: string): [string, string] {
  const { hostname, pathname } = new URL(url);
  const [, virtual] = /^(.+?)\.s3[.-]/.exec(hostname) ?? [];
  const path = decodeURIComponent(pathname.slice(1));
  if (virtual !== undefined) return [virtual, path];
  const slash = path.indexOf('/');
  return [path.slice(0, slash), path.slice(slash + 1)];
}

/** What would be done in another way than asked for. `ImportExistingResources` is not: what is there under its name is taken over in any case. */
function refuseUnsupported(input: QueryInput): void {
  const { ChangeSetType, ResourcesToImport, NotificationARNs, DeploymentMode, RollbackConfiguration, OnStackFailure } = input;
  const refused = Object.entries({
    'ChangeSetType IMPORT': ChangeSetType === 'IMPORT',
    'ResourcesToImport': members(ResourcesToImport).length > 0,
    'NotificationARNs': Array.isArray(NotificationARNs) && NotificationARNs.length > 0,
    'DeploymentMode': DeploymentMode !== undefined && DeploymentMode !== '',
    'RollbackConfiguration': typeof RollbackConfiguration === 'object' && Object.keys(RollbackConfiguration as object).length > 0,
    'OnStackFailure DELETE': OnStackFailure === 'DELETE',
  }).find(([, isUsed]) => isUsed);
  if (refused) throw new UserError(`${refused[0]} is not supported by the local CloudFormation`);
}
