import { UserError } from '../../errors';
import { defaultEgress, type SecurityGroupRule } from '../../isolation/security-groups';
import type { Context, NotRealised, ResourceType, StackResource } from '../resource';
import type { Properties } from '../template';
import { checkProperties, type PropertyTable } from './property-table';

const FOR_PEOPLE = { harmless: 'for people only' };

export const SECURITY_GROUP_PROPERTIES = {
  GroupDescription: FOR_PEOPLE,
  GroupName: FOR_PEOPLE,
  SecurityGroupEgress: 'supported',
  SecurityGroupIngress: 'supported',
  Tags: FOR_PEOPLE,
  VpcId: { harmless: 'there is one network' },
} satisfies PropertyTable;

export const SECURITY_GROUP_RULE_PROPERTIES = {
  CidrIp: 'supported',
  CidrIpv6: { harmless: 'opens nothing and is listed: there is no IPv6 here' },
  Description: FOR_PEOPLE,
  DestinationPrefixListId: { harmless: 'opens nothing and is listed: nobody here knows its addresses' },
  DestinationSecurityGroupId: 'supported',
  FromPort: 'supported',
  GroupId: 'supported',
  GroupName: 'unsupported',
  IpProtocol: 'supported',
  SourcePrefixListId: { harmless: 'opens nothing and is listed: nobody here knows its addresses' },
  SourceSecurityGroupId: 'supported',
  SourceSecurityGroupName: 'unsupported',
  SourceSecurityGroupOwnerId: { harmless: 'ids are unique in all accounts' },
  ToPort: 'supported',
} satisfies PropertyTable;

const NOT_ENFORCED = { meaning: 'security groups are not enforced: every task reaches every task', matters: true };
const NO_IPV6 = 'rules for IPv6 open nothing: there is only IPv4 here';
const NO_PREFIX_LISTS = 'rules for prefix lists open nothing: their addresses are not known here';
const PROTOCOLS: Record<string, string> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

export const SECURITY_GROUP: ResourceType = {
  async create({ logicalId, properties }, context) {
    const groupId = context.names.id('sg', logicalId);
    return {
      ref: groupId,
      attributes: { Id: groupId, GroupId: groupId, VpcId: properties.VpcId },
      ...await authorize(rulesOfGroup(logicalId, groupId, properties), context),
    };
  },
  async update({ logicalId, properties }, context, before) {
    const { physicalId, attributes } = before;
    const [, authorized] = await Promise.all([this.delete!(before, context), authorize(rulesOfGroup(logicalId, physicalId, properties), context)]);
    return { ref: physicalId, attributes, ...authorized };
  },
  updates: SECURITY_GROUP_PROPERTIES,
  delete: async ({ logicalId, physicalId, properties }: StackResource, context) => revoke(rulesOfGroup(logicalId, physicalId, properties), context),
};

/** `AWS::EC2::SecurityGroupIngress` and `AWS::EC2::SecurityGroupEgress`. */
export const SECURITY_GROUP_RULE: ResourceType = {
  async create({ logicalId, type, properties }, context) {
    const id = context.names.id('sgr', logicalId);
    return { ref: id, attributes: { Id: id }, ...await authorize([ruleOfResource({ logicalId, type, properties })], context) };
  },
  updates: { Description: FOR_PEOPLE },
  delete: async (before, context) => revoke([ruleOfResource(before)], context),
};

function rulesOfGroup(logicalId: string, groupId: string, properties: Properties): Parsed[] {
  const where = `security group "${logicalId}"`;
  checkProperties(properties, SECURITY_GROUP_PROPERTIES, where);
  const inline = (['Egress', 'Ingress'] as const).flatMap(direction => (properties[`SecurityGroup${direction}`] as Properties[] | undefined ?? [])
    .map(rule => parseRule(direction, { ...rule, GroupId: groupId }, `a rule of ${where}`)));
  return [{ rule: defaultEgress(groupId) }, ...inline];
}

function ruleOfResource({ logicalId, type, properties }: Pick<StackResource, 'logicalId' | 'type' | 'properties'>): Parsed {
  return parseRule(type.endsWith('Egress') ? 'Egress' : 'Ingress', properties, `security group rule "${logicalId}"`);
}

interface Parsed {
  readonly rule: SecurityGroupRule;
  /** Why it opens nothing. It is still there: the first egress rule takes the default one away. */
  readonly ignored?: string;
}

async function authorize(parsed: readonly Parsed[], { cloud: { securityGroups } }: Context): Promise<{ notRealised?: NotRealised }> {
  if (!securityGroups.enforced) {
    return { notRealised: NOT_ENFORCED };
  }
  await securityGroups.authorize(parsed.map(({ rule }) => rule));
  const ignored = [...new Set(parsed.flatMap(rule => rule.ignored ?? []))];
  return ignored.length === 0 ? {} : { notRealised: { meaning: ignored.join('; '), matters: true } };
}

async function revoke(parsed: readonly Parsed[], { cloud: { securityGroups } }: Context): Promise<void> {
  if (securityGroups.enforced) await securityGroups.revoke(parsed.map(({ rule }) => rule));
}

function parseRule(direction: 'Egress' | 'Ingress', properties: Properties, where: string): Parsed {
  checkProperties(properties, SECURITY_GROUP_RULE_PROPERTIES, where);
  const given = String(properties.IpProtocol);
  const protocol = PROTOCOLS[given] ?? given;
  if (!['tcp', 'udp', 'icmp', 'icmpv6', '-1'].includes(protocol) && !/^\d{1,3}$/.test(protocol)) {
    throw new UserError(`${where} has the IpProtocol ${JSON.stringify(given)}; allowed are tcp, udp, icmp, icmpv6, a protocol number and -1`);
  }
  const { peer, ignored } = parsePeer(direction === 'Egress' ? 'Destination' : 'Source', properties, where);
  return {
    rule: {
      direction: direction === 'Egress' ? 'egress' : 'ingress',
      groupId: String(properties.GroupId),
      peer,
      protocol,
      fromPort: optionalNumber(properties.FromPort),
      toPort: optionalNumber(properties.ToPort),
    },
    ignored,
  };
}

/** What cannot be realised becomes a group that has no members. */
function parsePeer(end: 'Source' | 'Destination', properties: Properties, where: string): { peer: SecurityGroupRule['peer']; ignored?: string } {
  const group = properties[`${end}SecurityGroupId`];
  const prefixList = properties[`${end}PrefixListId`];
  if (group !== undefined) {
    return { peer: { groupId: String(group) } };
  }
  if (properties.CidrIpv6 !== undefined) {
    return { peer: { groupId: 'ipv6' }, ignored: NO_IPV6 };
  }
  if (prefixList !== undefined) {
    return { peer: { groupId: String(prefixList) }, ignored: NO_PREFIX_LISTS };
  }
  if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(String(properties.CidrIp))) {
    throw new UserError(`${where} has neither ${end}SecurityGroupId nor an IPv4 block as CidrIp (${JSON.stringify(properties.CidrIp)})`);
  }
  return { peer: { cidr: String(properties.CidrIp) } };
}

function optionalNumber(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
