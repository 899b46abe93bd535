import { failure, stackOf, TestCloud } from './support';
import type { Properties, ResourceDeclaration } from '../../../local/cloudformation/template';

let test: TestCloud;
beforeEach(async () => {
  test = await TestCloud.start();
});
afterEach(() => test.stop());

const resource = (Type: string, Properties: Properties = {}): ResourceDeclaration => ({ Type, Properties });
const group = (properties: Properties = {}) => resource('AWS::EC2::SecurityGroup', { GroupDescription: 'x', VpcId: 'vpc', ...properties });
const idOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'GroupId'] });
const outputs = { template: { Outputs: { A: { Value: idOf('A') }, B: { Value: idOf('B') } } } };
const BOTH = { A: group({ SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }] }), B: group({ SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }] }) };

/** Rules beyond those of `BOTH`, and the groups' ids. */
async function rulesOf(resources: Record<string, ResourceDeclaration>) {
  const deployment = await test.deploy(stackOf({ ...BOTH, ...resources }, outputs));
  const { A, B } = deployment.outputs as Record<string, string>;
  return { rules: test.rules.filter(({ byDefault, protocol }) => !byDefault && protocol !== '-1'), A, B, notRealised: deployment.notRealised };
}

it('a rule between groups, with its ports as numbers', async () => {
  const { rules, A, B } = await rulesOf({
    Rule: resource('AWS::EC2::SecurityGroupIngress', { GroupId: idOf('A'), SourceSecurityGroupId: idOf('B'), IpProtocol: 'tcp', FromPort: '5432', ToPort: 5433, Description: 'x' }),
  });

  expect(A).toMatch(/^sg-[0-9a-f]{17}$/);
  expect(rules).toEqual([{ direction: 'ingress', groupId: A, peer: { groupId: B }, protocol: 'tcp', fromPort: 5432, toPort: 5433 }]);
});

it('egress rules, to groups and blocks, with protocols by number', async () => {
  const { rules, A, B } = await rulesOf({
    Group: resource('AWS::EC2::SecurityGroupEgress', { GroupId: idOf('A'), DestinationSecurityGroupId: idOf('B'), IpProtocol: 6, FromPort: 1, ToPort: 1 }),
    Block: resource('AWS::EC2::SecurityGroupEgress', { GroupId: idOf('A'), CidrIp: '10.1.0.0/16', IpProtocol: '17', FromPort: 53, ToPort: 53 }),
  });

  expect(rules.sort((one, other) => one.fromPort! - other.fromPort!)).toEqual([
    { direction: 'egress', groupId: A, peer: { groupId: B }, protocol: 'tcp', fromPort: 1, toPort: 1 },
    { direction: 'egress', groupId: A, peer: { cidr: '10.1.0.0/16' }, protocol: 'udp', fromPort: 53, toPort: 53 },
  ]);
});

it('inline rules, beside the egress rule that EC2 adds by default', async () => {
  const { A } = (await test.deploy(stackOf({
    A: group({ SecurityGroupIngress: [{ CidrIp: '10.0.0.0/16', IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 }] }), B: group(),
  }, outputs))).outputs as Record<string, string>;

  expect(test.rules.filter(({ groupId }) => groupId === A)).toEqual([
    { direction: 'egress', groupId: A, peer: { cidr: '0.0.0.0/0' }, protocol: '-1', byDefault: true },
    { direction: 'ingress', groupId: A, peer: { cidr: '10.0.0.0/16' }, protocol: 'tcp', fromPort: 8080, toPort: 8080 },
  ]);
});

it.each<[string, Properties, string]>([
  ['IPv6', { CidrIpv6: '::/0' }, 'rules for IPv6 open nothing: there is only IPv4 here'],
  ['prefix lists', { DestinationPrefixListId: 'pl-68a54001' }, 'rules for prefix lists open nothing: their addresses are not known here'],
])('rules for %s lead to nobody and are listed', async (_, peer, meaning) => {
  const { rules, A, notRealised } = await rulesOf({ Rule: resource('AWS::EC2::SecurityGroupEgress', { GroupId: idOf('A'), IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...peer }) });

  expect(rules).toEqual([{ direction: 'egress', groupId: A, peer: { groupId: expect.stringMatching(/^(ipv6|pl-68a54001)$/) }, protocol: 'tcp', fromPort: 443, toPort: 443 }]);
  expect(notRealised).toEqual([{ logicalId: 'Rule', type: 'AWS::EC2::SecurityGroupEgress', path: undefined, meaning, matters: true }]);
});

it.each<[Properties, string]>([
  [{ IpProtocol: 'sctp', CidrIp: '0.0.0.0/0' }, 'security group rule "Rule" has the IpProtocol "sctp"; allowed are tcp, udp, icmp, icmpv6, a protocol number and -1'],
  [{ IpProtocol: 'tcp' }, 'security group rule "Rule" has neither SourceSecurityGroupId nor an IPv4 block as CidrIp (undefined)'],
  [{ IpProtocol: 'tcp', CidrIp: '10.0.0.1' }, 'has neither SourceSecurityGroupId nor an IPv4 block as CidrIp ("10.0.0.1")'],
  [{ IpProtocol: 'tcp', SourceSecurityGroupName: 'x' }, 'security group rule "Rule" uses "SourceSecurityGroupName" ("x"), which the local runner cannot realise'],
  [{ IpProtocol: 'tcp', Colour: 'red' }, 'security group rule "Rule" has the property "Colour", which the local runner does not know'],
])('fails for %j', async (properties, message) => {
  expect(await failure(rulesOf({ Rule: resource('AWS::EC2::SecurityGroupIngress', { GroupId: idOf('A'), ...properties }) }))).toContain(message);
});

it('says that nothing is enforced where there is no firewall', async () => {
  test.enforcesSecurityGroups = false;

  const { notRealised } = await rulesOf({});

  expect(test.rules).toEqual([]);
  expect(notRealised.map(({ logicalId, meaning, matters }) => [logicalId, meaning, matters])).toEqual(
    ['A', 'B'].map(logicalId => [logicalId, 'security groups are not enforced: every task reaches every task', true]),
  );
});
