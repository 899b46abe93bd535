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

/** The rule `client -> server:port` of the server's security group, with its logical id. */
export function ingress(template: SynthesizedStack, description: string): [string, any] {
  return rule(template, 'AWS::EC2::SecurityGroupIngress', description, ({ SourceSecurityGroupId, GroupId }) => [SourceSecurityGroupId, GroupId]);
}

/** The rule `client -> server:port` of the client's security group, with its logical id. */
export function egress(template: SynthesizedStack, description: string): [string, any] {
  return rule(template, 'AWS::EC2::SecurityGroupEgress', description, ({ GroupId, DestinationSecurityGroupId }) => [GroupId, DestinationSecurityGroupId]);
}

function rule(template: SynthesizedStack, type: string, description: string, groups: (properties: any) => any[]): [string, any] {
  const [names, port] = description.split(':');
  const name = ({ 'Fn::GetAtt': [id] }: any) => template.resources[id].Properties.GroupDescription.replace('Airflow: ', '');
  return template.ofType(type).find(([, { Properties }]) =>
    Properties.FromPort === Number(port) && groups(Properties).map(name).join(' -> ') === names)!;
}

/** Removes a resource, and what depends on it does not any more. */
export function removeResource({ resources }: SynthesizedStack, removed: string): void {
  delete resources[removed];
  for (const resource of Object.values(resources)) {
    resource.DependsOn = resource.DependsOn?.filter((id: string) => id !== removed);
  }
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
