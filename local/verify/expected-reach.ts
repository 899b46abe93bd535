import { BlockList } from 'node:net';
import { awsEnvironmentOf, type Stack } from '../cloudformation';
import { applyConditions } from '../cloudformation/conditions';
import { resolve } from '../cloudformation/intrinsics';
import { PhysicalNames } from '../cloudformation/physical-names';
import type { Created } from '../cloudformation/resource';
import { templateScope } from '../cloudformation/scope';
import type { Properties, ResourceDeclaration } from '../cloudformation/template';

type Direction = 'Ingress' | 'Egress';

interface Rule {
  readonly direction: Direction;
  readonly group: unknown;
  readonly properties: Properties;
}

/** One end of a connection; without groups it is outside of the network: no security group protects it. */
export interface Peer {
  readonly address: string;
  readonly groups?: readonly string[];
}

/**
 * What security groups allow, read from the template once more: with no code of the firewall or of the resources that feed it, which may be wrong.
 * A group's id is its logical id here.
 */
export class ExpectedReach {
  private readonly resources: [string, ResourceDeclaration][];
  private readonly rules: Rule[];
  private readonly resolve: (value: unknown) => unknown;

  constructor(stack: Stack) {
    const names = new PhysicalNames(stack.name, awsEnvironmentOf(stack));
    const scope = templateScope(stack.template, names, new Map(Object.entries(stack.template.Resources).map(standIn)));
    this.resolve = value => resolve(value, scope, 'security groups');
    this.resources = Object.entries(applyConditions(stack.template, scope).resources);
    this.rules = this.resources.flatMap(([id, { Type, Properties = {} }]) => {
      const [, direction] = /^AWS::EC2::SecurityGroup(Ingress|Egress)$/.exec(Type) ?? [];
      if (direction) return [this.rule(direction as Direction, Properties.GroupId, Properties)];
      if (Type !== 'AWS::EC2::SecurityGroup') return [];
      return (['Ingress', 'Egress'] as const).flatMap(inline => (Properties[`SecurityGroup${inline}`] as Properties[] ?? []).map(rule => this.rule(inline, id, rule)));
    });
  }

  /** Security groups of an ECS service, a database or a cache, by its logical id. */
  groupsOf(logicalId: string): string[] {
    const properties = this.resources.find(([id]) => id === logicalId)![1].Properties!;
    const { NetworkConfiguration, VpcSecurityGroupIds, VPCSecurityGroups, SecurityGroupIds } = properties;
    const configuration = (NetworkConfiguration as { AwsvpcConfiguration?: { SecurityGroups?: unknown } } | undefined)?.AwsvpcConfiguration;
    const groups = configuration?.SecurityGroups ?? VpcSecurityGroupIds ?? VPCSecurityGroups ?? SecurityGroupIds;
    return groups === undefined ? [DEFAULT] : (this.resolve(groups) as string[]);
  }

  /** A TCP connection has to be allowed by a group of either end. */
  allows(source: Peer, destination: Peer, port: number): boolean {
    return this.allowedBy('Egress', source, destination, port) && this.allowedBy('Ingress', destination, source, port);
  }

  private allowedBy(direction: Direction, own: Peer, other: Peer, port: number): boolean {
    if (!own.groups) return true;
    return own.groups.some(group => {
      const rules = this.rules.filter(rule => rule.direction === direction && rule.group === group);
      if (rules.length === 0 && direction === 'Egress') return true; // EC2's own rule, which goes with the first other one
      if (group === DEFAULT && direction === 'Ingress' && other.groups?.includes(DEFAULT)) return true;
      return rules.some(({ properties }) => isForPort(properties, port) && isForPeer(properties, other));
    });
  }

  private rule(direction: Direction, group: unknown, properties: Properties): Rule {
    return { direction, group: this.resolve(group), properties: this.resolve(properties) as Properties };
  }
}

/** The VPC's own group. */
const DEFAULT = 'default';

/** What rules may refer to. */
function standIn([id, { Properties = {} }]: [string, ResourceDeclaration]): [string, Created] {
  const port = Properties.Port ?? 5432;
  return [id, { ref: id, attributes: { 'GroupId': id, 'DefaultSecurityGroup': DEFAULT, 'CidrBlock': Properties.CidrBlock, 'Endpoint.Port': port } }];
}

function isForPort({ IpProtocol, FromPort, ToPort }: Properties, port: number): boolean {
  if (String(IpProtocol) === '-1') return true;
  if (!['tcp', '6'].includes(String(IpProtocol))) return false;
  return FromPort === undefined || Number(FromPort) === -1 || (Number(FromPort) <= port && port <= Number(ToPort));
}

function isForPeer({ CidrIp, SourceSecurityGroupId, DestinationSecurityGroupId }: Properties, { address, groups = [] }: Peer): boolean {
  if (CidrIp === undefined) return groups.includes(String(SourceSecurityGroupId ?? DestinationSecurityGroupId));
  const [network, length] = String(CidrIp).split('/');
  const block = new BlockList();
  block.addSubnet(network, Number(length));
  return block.check(address);
}
