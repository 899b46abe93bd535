import { CfnElement, Stack } from 'aws-cdk-lib';
import { markdownTable } from './markdown';
import { defaultStack } from '../../test/default-template/stack';
import { SynthesizedStack } from '../../test/private/template';

/** `docs/permissions.md`: what each role may do and each container knows, from the template of the defaults with one folder of DAGs. */
export function permissions(): string {
  const stack = defaultStack();
  const synthesized = new SynthesizedStack(stack);
  const name = names(stack);
  return `# Permissions and secrets

All that the roles of the default template may do, with one folder of DAGs, and all secrets that its containers are given. Names are those of constructs in \`ServerlessAirflow\`. Every task definition has a task
role and an execution role of its own; none has a managed policy. Your own grants to \`airflow\` or to a service are added to the task role of that service.

## Task roles: what the code in a container may do

${roleTable(synthesized, name, 'TaskRoleArn')}

## Execution roles: what ECS may do to start a container

${roleTable(synthesized, name, 'ExecutionRoleArn')}

## Functions that CloudFormation calls

${markdownTable(['function', 'actions', 'on', 'if'], handlers(synthesized, name))}

CDK's own function, which uploads DAG files, is not listed: its permissions are those of \`BucketDeployment\`.

## Secrets

The task \`migration\` has the three containers \`databases\`, \`migrate\` and \`admin\`.

${secretTable(synthesized, name)}
`;
}

type Naming = (text: string) => string;

/** Construct paths instead of logical ids, which have hashes. */
function names(stack: Stack): Naming {
  const paths = new Map(stack.node.findAll().filter(CfnElement.isCfnElement).map(element => [
    String(stack.resolve(element.logicalId)),
    element.node.path.replace(/^Stack\/Airflow\//, '').replace(/\/Resource$/, ''),
  ]));
  return value => value
    .replace(/\$\{(\w+)(\.\w+)?\}/g, (whole, id) => paths.get(id) ?? whole)
    .replace(/\bStackAirflow(\w+?)TaskDefinition[0-9A-F]{8}\b/, '$1/TaskDefinition');
}

function roleTable(synthesized: SynthesizedStack, name: Naming, role: 'TaskRoleArn' | 'ExecutionRoleArn'): string {
  const rows = tasks(synthesized).flatMap(([task, container]) => {
    const arn = synthesized.resources[synthesized.containers[container].taskDefinition].Properties[role];
    const resources = new Map<string, string[]>();
    for (const statement of synthesized.statements(arn['Fn::GetAtt'][0])) {
      const actions = code(statement.actions);
      resources.set(actions, [...resources.get(actions) ?? [], ...statement.resources.map(name)]);
    }
    return resources.size === 0 ? [[task, 'nothing', '']] : [...resources].sort().map(([actions, on]) => [task, actions, code(on.sort())]);
  });
  return markdownTable(['task', 'actions', 'on'], rows);
}

function handlers(synthesized: SynthesizedStack, name: Naming): string[][] {
  return synthesized.ofType('AWS::Lambda::Function')
    .map(([, { Properties }]) => Properties.Role['Fn::GetAtt'][0])
    .filter(role => name(`\${${role}}`).endsWith('Function/Role'))
    .flatMap(role => synthesized.statements(role).map(({ actions, resources, condition }) => [
      name(`\${${role}}`).replace(/\/Function\/Role$/, ''),
      code(actions),
      code(resources.map(name)),
      condition ? code(Object.entries(condition).flatMap(([operator, keys]) => Object.keys(keys as object).map(key => `${operator} ${key}`))) : '',
    ]));
}

function secretTable(synthesized: SynthesizedStack, name: Naming): string {
  const containers = Object.entries(synthesized.containers);
  const secret = (valueFrom: string) => name(valueFrom.replace(/:.*/, '')).replace(/\/Attachment$/, '');
  const known = [...new Set(containers.flatMap(([, { secrets }]) => Object.values(secrets).map(secret)))].sort();
  const rows = known.map(path => [
    `\`${path}\``, ...containers.map(([, { secrets }]) => Object.values(secrets).map(secret).includes(path) ? 'yes' : '–'),
  ]);
  return markdownTable(['secret', ...containers.map(([container]) => container)], rows);
}

/** Each task definition with one of its containers. */
function tasks(synthesized: SynthesizedStack): [string, string][] {
  return Object.keys(synthesized.containers)
    .filter(container => !['databases', 'admin'].includes(container))
    .map((container): [string, string] => [container === 'migrate' ? 'migration' : container, container]);
}

function code(values: string[]): string {
  return values.map(value => `\`${value}\``).join('<br>');
}
