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

/** A synthesized stack, by the names that Airflow's people use. */
export class SynthesizedStack {
  public readonly template: Template;
  public readonly resources: Record<string, any>;
  public readonly containers: Record<string, Container> = {};

  /** From a stack, or from what was synthesized of one. */
  constructor(source: Stack | Record<string, any>) {
    this.template = source instanceof Stack ? Template.fromStack(source) : Template.fromJSON(source);
    this.resources = this.template.toJSON().Resources;
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

  public ofType(type: string): [string, any][] {
    return Object.entries(this.resources).filter(([, resource]) => resource.Type === type);
  }

  /** The ECS service that runs a container. */
  public service(container: string): any {
    const { taskDefinition } = this.containers[container];
    return this.ofType('AWS::ECS::Service').find(([, { Properties }]) => Properties.TaskDefinition.Ref === taskDefinition)![1];
  }

  /** `actions on resources`, of the inline policies of a container's role. */
  public permissions(container: string, role: 'TaskRoleArn' | 'ExecutionRoleArn'): string[] {
    const arn = this.resources[this.containers[container].taskDefinition].Properties[role];
    return this.ofType('AWS::IAM::Policy')
      .filter(([, { Properties }]) => Properties.Roles.some(({ Ref }: any) => Ref === arn['Fn::GetAtt'][0]))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
      .map(({ Effect, Action, Resource }) => `${Effect} ${[Action].flat().sort().join(' ')} on ${[Resource].flat().map(text).sort().join(' ')}`)
      .sort();
  }

  /** `client -> server:port` for every rule of a security group that lets something in. */
  public connections(): string[] {
    return this.ofType('AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => {
      const { SourceSecurityGroupId, GroupId, FromPort, ToPort } = Properties;
      return `${this.groupName(SourceSecurityGroupId)} -> ${this.groupName(GroupId)}:${FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`}`;
    }).sort();
  }

  private groupName(groupId: any): string {
    return this.resources[groupId['Fn::GetAtt'][0]].Properties.GroupDescription;
  }
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
