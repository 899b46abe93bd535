import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** A container of a template, as tests want to read it. */
export interface Container {
  /** The logical id of its task definition. */
  readonly taskDefinition: string;
  readonly definition: any;
  readonly environment: Record<string, string>;
  /** Variable to the logical id of the secret, with the JSON field if there is one. */
  readonly secrets: Record<string, string>;
  readonly healthCheck?: string;
}

/** A statement of a policy. */
export interface Statement {
  readonly effect: string;
  /** Whom it is about, where the policy is that of a role, a bucket or another resource: `Service ecs-tasks.amazonaws.com`. */
  readonly principals: string[];
  readonly actions: string[];
  readonly resources: string[];
  readonly condition?: any;
}

/** A synthesized stack, by the names that Airflow's people use. */
export class SynthesizedStack {
  public readonly resources: Record<string, any>;
  public readonly containers: Record<string, Container> = {};

  private readonly json: Record<string, any>;
  private assertions?: Template;

  /** From a stack, or from what was synthesized of one. */
  constructor(source: Stack | Record<string, any>) {
    this.json = source instanceof Stack ? Template.fromStack(source).toJSON() : source;
    this.resources = this.json.Resources;
    for (const [taskDefinition, { Properties }] of this.ofType('AWS::ECS::TaskDefinition')) {
      for (const definition of Properties.ContainerDefinitions) {
        this.containers[definition.Name] = {
          taskDefinition,
          definition,
          environment: Object.fromEntries((definition.Environment ?? []).map(({ Name, Value }: any) => [Name, text(Value)])),
          secrets: Object.fromEntries((definition.Secrets ?? []).map(({ Name, ValueFrom }: any) => [Name, text(ValueFrom)])),
          healthCheck: definition.HealthCheck && text(definition.HealthCheck.Command[1]),
        };
      }
    }
  }

  /** CDK's assertions. Made when they are asked for: they look for cycles, which takes longer than most checks. */
  public get template(): Template {
    return this.assertions ??= Template.fromJSON(this.json);
  }

  public ofType(type: string): [string, any][] {
    return Object.entries(this.resources).filter(([, resource]) => resource.Type === type);
  }

  /** The ECS service that runs a container. */
  public service(container: string): any {
    const { taskDefinition } = this.containers[container];
    return this.ofType('AWS::ECS::Service').find(([, { Properties }]) => Properties.TaskDefinition.Ref === taskDefinition)![1];
  }

  /** `actions on resources if conditions`, of the policies of a container's role. */
  public permissions(container: string, role: 'TaskRoleArn' | 'ExecutionRoleArn'): string[] {
    const arn = this.resources[this.containers[container].taskDefinition].Properties[role];
    return this.statements(arn['Fn::GetAtt'][0]).map(permission).sort();
  }

  /** The logical ids of a container's roles and of the policies they have. */
  public rolesAndPolicies(container: string, ...attributes: ('TaskRoleArn' | 'ExecutionRoleArn')[]): string[] {
    const task = this.resources[this.containers[container].taskDefinition].Properties;
    const roles = attributes.map(attribute => task[attribute]['Fn::GetAtt'][0]);
    const policies = this.ofType('AWS::IAM::Policy').filter(([, { Properties }]) => roles.includes(Properties.Roles[0].Ref));
    return [...roles, ...policies.map(([id]) => id)];
  }

  /** The logical ids of the rules that let a client, known by its security group, out and in. */
  public rulesOfClient(group: string): string[] {
    const own = ([, { Type, Properties }]: [string, any]) => Type === 'AWS::EC2::SecurityGroupEgress'
      ? Properties.GroupId?.['Fn::GetAtt'][0] === group
      : Type === 'AWS::EC2::SecurityGroupIngress' && Properties.SourceSecurityGroupId?.['Fn::GetAtt'][0] === group;
    return Object.entries(this.resources).filter(own).map(([id]) => id);
  }

  /** What the policies of a role say, those in the role included. */
  public statements(role: string): Statement[] {
    const policies = this.ofType('AWS::IAM::Policy')
      .filter(([, { Properties }]) => Properties.Roles.some(({ Ref }: any) => Ref === role))
      .map(([, { Properties }]) => Properties);
    return [...policies, ...this.resources[role].Properties.Policies ?? []]
      .flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument));
  }

  /** Every rule of a security group: `client -> server:port` where both sides allow it, with a note where one side alone does. */
  public connections(): string[] {
    const out = this.rules('Egress');
    const into = this.rules('Ingress');
    return [...new Set([...out, ...into])].map(connection => {
      if (out.includes(connection)) {
        return into.includes(connection) || connection.includes('/') ? connection : `${connection} (not let in)`;
      }
      return `${connection} (not let out)`;
    }).sort();
  }

  /** The rules of one direction, those within a group and those that are resources of their own. */
  private rules(direction: 'Egress' | 'Ingress'): string[] {
    const groups = this.ofType('AWS::EC2::SecurityGroup').flatMap(([id, { Properties }]) =>
      (Properties[`SecurityGroup${direction}`] ?? ALLOWS_ALL[direction]).map((rule: any) => ({ GroupId: { 'Fn::GetAtt': [id, 'GroupId'] }, ...rule })));
    const resources = this.ofType(`AWS::EC2::SecurityGroup${direction}`).map(([, { Properties }]) => Properties);
    return [...groups, ...resources].filter(({ CidrIp }) => CidrIp !== ALLOWS_NOTHING).map(rule => {
      const { GroupId, CidrIp, IpProtocol, FromPort, ToPort } = rule;
      const own = this.groupName(GroupId);
      const peer = CidrIp ? text(CidrIp) : this.groupName(rule.DestinationSecurityGroupId ?? rule.SourceSecurityGroupId);
      const [client, server] = direction === 'Egress' ? [own, peer] : [peer, own];
      const port = IpProtocol === '-1' ? 'all' : FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`;
      const protocol = ['tcp', '-1'].includes(IpProtocol) ? '' : ` (${IpProtocol})`;
      return `${client} -> ${server}:${port}${protocol}`;
    });
  }

  private groupName(groupId: any): string {
    if (!groupId) { return 'nothing'; }
    const [id, attribute] = groupId['Fn::GetAtt'];
    const name = this.resources[id].Properties.GroupDescription;
    return attribute === 'GroupId' ? name : `${attribute} of ${name}`;
  }
}

/** What a security group without rules does. */
const ALLOWS_ALL = { Egress: [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }], Ingress: [] };
/** The rule that CDK gives to a group that lets nothing out: without one it would let everything out. */
const ALLOWS_NOTHING = '255.255.255.255/32';

/** The statements of a policy. */
export function statementsOf({ Statement }: any): Statement[] {
  return Statement.map(({ Effect, Principal = {}, Action, Resource, Condition }: any) => ({
    effect: Effect,
    principals: Object.entries(Principal).flatMap(([kind, names]) => [names].flat().map(name => `${kind} ${text(name)}`)).sort(),
    actions: [Action].flat().sort(),
    resources: [Resource ?? []].flat().map(text).sort(),
    condition: Condition,
  }));
}

/** A statement of a policy as one string: `Allow actions to principals on resources if condition`. */
export function permission({ effect, principals, actions, resources, condition }: Statement): string {
  return [
    `${effect} ${actions.join(' ')}`,
    principals.length > 0 && `to ${principals.join(' ')}`,
    resources.length > 0 && `on ${resources.join(' ')}`,
    condition && `if ${JSON.stringify(condition, (_, value) => isIntrinsic(value) ? text(value) : value)}`,
  ].filter(Boolean).join(' ');
}

function isIntrinsic(value: any): boolean {
  return Boolean(value?.Ref || value?.['Fn::GetAtt'] || value?.['Fn::Join']);
}

/** A value of a template as one string, with `${LogicalId}` or `${LogicalId.Attribute}` for what is known at deployment. */
export function text(value: any): string {
  if (typeof value !== 'object') {
    return String(value);
  }
  if (value.Ref) {
    return `\${${value.Ref}}`;
  }
  if (value['Fn::GetAtt']) {
    return `\${${value['Fn::GetAtt'].join('.')}}`;
  }
  const [separator, parts] = value['Fn::Join'];
  return parts.map(text).join(separator);
}
