import { App, Stack } from 'aws-cdk-lib';
import { readAssembly, selectStack } from '../../../local/cloudformation';
import type { ResourceDeclaration } from '../../../local/cloudformation/template';
import { ExpectedReach } from '../../../local/verify/expected-reach';
import { ServerlessAirflow } from '../../../src';
import { stackOf } from '../cloudformation/support';
import { scratchFolder } from '../scratch-folder';

const group = (properties: object = {}): ResourceDeclaration => ({ Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'x', ...properties } });
const rule = (direction: 'Ingress' | 'Egress', of: string, properties: object): ResourceDeclaration =>
  ({ Type: `AWS::EC2::SecurityGroup${direction}`, Properties: { GroupId: { 'Fn::GetAtt': [of, 'GroupId'] }, IpProtocol: 'tcp', ...properties } });
const from = (logicalId: string) => ({ SourceSecurityGroupId: { 'Fn::GetAtt': [logicalId, 'GroupId'] } });
const to = (logicalId: string) => ({ DestinationSecurityGroupId: { 'Fn::GetAtt': [logicalId, 'GroupId'] } });
const port = (number: number | string, last = number) => ({ FromPort: number, ToPort: last });
const NOTHING = { SecurityGroupEgress: [{ IpProtocol: 'icmp', FromPort: 252, ToPort: 86, CidrIp: '255.255.255.255/32' }] };

const folder = scratchFolder();
const A = { address: '10.0.1.10', groups: ['A'] };
const B = { address: '10.0.1.11', groups: ['B'] };
const OUTSIDE = { address: '203.0.113.1' };

test.each<[string, Record<string, ResourceDeclaration>, [number, boolean][]]>([
  ['no ingress rule', { A: group(), B: group() }, [[5000, false]]],
  ['an ingress rule, egress by default', { A: group(), B: group(), In: rule('Ingress', 'B', { ...from('A'), ...port(5000) }) }, [[5000, true], [5001, false]]],
  ['an ingress rule for the other direction', { A: group(), B: group(), In: rule('Ingress', 'A', { ...from('B'), ...port(5000) }) }, [[5000, false]]],
  ['no egress', { A: group(NOTHING), B: group(), In: rule('Ingress', 'B', { ...from('A'), ...port(5000) }) }, [[5000, false]]],
  ['egress to the group', { A: group(), B: group(), In: rule('Ingress', 'B', { ...from('A'), ...port(0, 65535) }), Out: rule('Egress', 'A', { ...to('B'), ...port(5000, 5001) }) }, [[5000, true], [5001, true], [5002, false]]],
  ['egress to somebody else', { A: group(), B: group(), C: group(), In: rule('Ingress', 'B', { ...from('A'), ...port(5000) }), Out: rule('Egress', 'A', { ...to('C'), ...port(5000) }) }, [[5000, false]]],
  ['ingress from a block', { A: group(), B: group({ SecurityGroupIngress: [{ IpProtocol: '-1', CidrIp: '10.0.1.8/29' }] }) }, [[5000, true]]],
  ['ingress from another block', { A: group(), B: group({ SecurityGroupIngress: [{ IpProtocol: '-1', CidrIp: '10.0.1.0/29' }] }) }, [[5000, false]]],
  ['another protocol', { A: group(), B: group(), In: rule('Ingress', 'B', { ...from('A'), ...port(5000), IpProtocol: 'udp' }) }, [[5000, false]]],
  ['IPv6', { A: group(), B: group(), In: rule('Ingress', 'B', { CidrIpv6: '::/0', ...port(5000) }) }, [[5000, false]]],
  ['the port of a database', {
    A: group(), B: group(), Database: { Type: 'AWS::RDS::DBCluster', Properties: { Port: 5433 } }, In: rule('Ingress', 'B', { ...from('A'), ...port({ 'Fn::GetAtt': ['Database', 'Endpoint.Port'] } as never) }),
  }, [[5433, true], [5432, false]]],
])('%s', (_, resources, cases) => {
  const expected = new ExpectedReach(stackOf(resources));

  expect(cases.map(([number]) => [number, expected.allows(A, B, number)])).toEqual(cases);
});

test('outside of the network only egress counts', () => {
  const expected = new ExpectedReach(stackOf({ A: group(), B: group(), Out: rule('Egress', 'B', { CidrIp: '0.0.0.0/0', ...port(443) }) }));

  expect([A, B].map(peer => [443, 80].map(number => expected.allows(peer, OUTSIDE, number)))).toEqual([[true, true], [true, false]]);
});

test('who names no group is in the one that every VPC has', () => {
  const expected = new ExpectedReach(stackOf({ A: group(), Service: { Type: 'AWS::ECS::Service', Properties: {} } }));
  const groups = expected.groupsOf('Service');
  const [one, other] = ['10.0.1.12', '10.0.1.13'].map(address => ({ address, groups }));

  expect([expected.allows(one, other, 1), expected.allows(A, one, 1), expected.allows(one, A, 1), expected.allows(one, OUTSIDE, 1)])
    .toEqual([true, false, false, true]);
});

test('of the default template exactly the connections that Airflow needs', () => {
  const app = new App({ outdir: folder });
  new ServerlessAirflow(new Stack(app, 'Airflow'), 'Airflow');
  const stack = selectStack(readAssembly(app.synth().directory));
  const expected = new ExpectedReach(stack);
  const peers = Object.entries(stack.template.Resources)
    .filter(([, { Type }]) => ['AWS::ECS::Service', 'AWS::RDS::DBCluster'].includes(Type))
    .map(([id], index) => ({
      name: id.replace(/^Airflow|(Service|Cluster)[0-9A-F]{8}$/g, ''), address: `10.0.1.${10 + index}`, groups: expected.groupsOf(id),
    }));
  const ports = [5432, 5555, 6379, 8080, 8793, 8794, 8974];
  const pairs = peers.flatMap(one => peers.filter(other => other !== one).flatMap(other => ports.map(number => ({ one, other, number }))));
  const allowed = pairs.filter(({ one, other, number }) => expected.allows(one, other, number));

  expect(allowed.map(({ one, other, number }) => `${one.name} ${other.name}:${number}`).sort()).toEqual([
    'DagProcessor Database:5432', 'Flower Redis:6379', 'Scheduler Database:5432', 'Scheduler Redis:6379', 'Triggerer Database:5432', 'WebServer Database:5432',
    'WebServer Triggerer:8794', 'WebServer Worker:8793', 'Worker Database:5432', 'Worker Redis:6379', 'Worker WebServer:8080',
  ]);
});
