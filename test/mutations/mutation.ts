import { SynthesizedStack } from '../private/template';

/** A mistake that a change of this library could make, applied to the default template. */
export interface Mutation {
  readonly name: string;
  /** What would happen on AWS. */
  readonly consequence: string;
  /** Changes the template in place. */
  apply(template: SynthesizedStack): void;
}

/** Sets a plain variable of a container, adds it or, without a value, removes it. */
export function setVariable({ containers }: SynthesizedStack, container: string, name: string, value?: unknown): void {
  const { definition } = containers[container];
  const others = (definition.Environment ?? []).filter((variable: any) => variable.Name !== name);
  definition.Environment = value === undefined ? others : [...others, { Name: name, Value: value }];
}

/** Replaces a text in a variable of a container. */
export function replaceInVariable({ containers }: SynthesizedStack, container: string, name: string, text: string, replacement: string): void {
  const variable = containers[container].definition.Environment.find(({ Name }: any) => Name === name);
  variable.Value = JSON.parse(JSON.stringify(variable.Value).replace(text, replacement));
}

/** A secret of a container, by the name of its variable. */
export function secret({ containers }: SynthesizedStack, container: string, name: string): { Name: string; ValueFrom: any } {
  return containers[container].definition.Secrets.find(({ Name }: any) => Name === name);
}

/** The properties of a task definition, by a container of it. */
export function task({ containers, resources }: SynthesizedStack, container: string): any {
  return resources[containers[container].taskDefinition].Properties;
}

/** The rule `client -> server:port`, with its logical id. */
export function ingress(template: SynthesizedStack, description: string): [string, any] {
  const port = Number(description.split(':')[1]);
  const [client, server] = description.split(':')[0].split(' -> ').map(name => `Airflow: ${name}`);
  return template.ofType('AWS::EC2::SecurityGroupIngress').find(([, { Properties }]) => Properties.FromPort === port
    && [[client, Properties.SourceSecurityGroupId], [server, Properties.GroupId]]
      .every(([name, id]) => template.resources[id['Fn::GetAtt'][0]].Properties.GroupDescription === name))!;
}

/** The statements of the policy that a container's role has. */
export function statements(template: SynthesizedStack, container: string, role: 'TaskRoleArn' | 'ExecutionRoleArn'): any[] {
  const id = task(template, container)[role]['Fn::GetAtt'][0];
  const [, policy] = template.ofType('AWS::IAM::Policy').find(([, { Properties }]) => Properties.Roles[0].Ref === id)!;
  return policy.Properties.PolicyDocument.Statement;
}

/** Takes one entry out of a list, which must have it. */
export function remove<T>(list: T[], matches: (entry: T) => boolean): void {
  const index = list.findIndex(matches);
  if (index < 0) { throw new Error('there is nothing to remove: the template has changed, the mistake has to follow it'); }
  list.splice(index, 1);
}

/** Removes dependencies of a resource by the beginning of their logical ids. */
export function dropDependency(resource: any, ...beginnings: string[]): void {
  for (const beginning of beginnings) {
    remove(resource.DependsOn as string[], id => id.startsWith(beginning));
  }
}
