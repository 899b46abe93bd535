import { renderRuleset } from '../../../local/isolation/nftables';
import type { SecurityGroupRule } from '../../../local/isolation/security-groups';

const rule = (direction: 'ingress' | 'egress', groupId: string, peer: SecurityGroupRule['peer'], protocol: string, fromPort?: number, toPort = fromPort): SecurityGroupRule =>
  ({ direction, groupId, peer, protocol, fromPort, toPort });

test('the rules of a small stack, word for word', () => {
  const text = renderRuleset({
    rules: [
      rule('egress', 'sg-worker', { cidr: '0.0.0.0/0' }, '-1'),
      rule('ingress', 'sg-database', { groupId: 'sg-worker' }, 'tcp', 5432),
      rule('egress', 'sg-database', { cidr: '255.255.255.255/32' }, 'icmp', 252, 86),
    ],
    members: new Map([['sg-worker', new Set(['10.0.1.10', '10.0.1.11'])], ['sg-database', new Set(['10.0.1.12'])], ['sg-ended', new Set<string>()]]),
    exempt: [{ host: '169.254.170.2', port: 80 }],
    offered: [{ host: '169.254.1.2', port: 443 }],
  });

  expect(text).toBe(`\
table inet security_groups
flush table inet security_groups
table inet security_groups {
  set refused_egress { type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags dynamic,timeout; size 65535; timeout 1m; }
  set refused_ingress { type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags dynamic,timeout; size 65535; timeout 1m; }
  set sg_database { type ipv4_addr; }
  set sg_ended { type ipv4_addr; }
  set sg_worker { type ipv4_addr; }
  chain egress {
    type filter hook prerouting priority mangle; policy drop;
    iifname != "veth*" accept
    ct state established,related accept
    ip daddr 169.254.170.2 tcp dport 80 accept
    ip saddr @sg_worker ip daddr 0.0.0.0/0 accept
    ip saddr @sg_database ip daddr 255.255.255.255/32 meta l4proto icmp icmp type 252 icmp code 86 accept
    tcp flags & (fin | syn | rst | ack) == syn ip dscp != 63 update @refused_egress { ip saddr . ip daddr . meta l4proto . th dport }
    meta l4proto udp ip dscp != 63 update @refused_egress { ip saddr . ip daddr . meta l4proto . th dport }
  }
  chain ingress {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip daddr @sg_database ip saddr @sg_worker tcp dport 5432 accept
    tcp flags & (fin | syn | rst | ack) == syn ip dscp != 63 update @refused_ingress { ip saddr . ip daddr . meta l4proto . th dport }
    meta l4proto udp ip dscp != 63 update @refused_ingress { ip saddr . ip daddr . meta l4proto . th dport }
  }
  chain engine {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    ip daddr 169.254.170.2 tcp dport 80 accept
    ip daddr 169.254.1.2 tcp dport 443 accept
    tcp flags & (fin | syn | rst | ack) == syn ip dscp != 63 update @refused_ingress { ip saddr . ip daddr . meta l4proto . th dport }
    meta l4proto udp ip dscp != 63 update @refused_ingress { ip saddr . ip daddr . meta l4proto . th dport }
  }
}
flush set inet security_groups sg_database
add element inet security_groups sg_database { 10.0.1.12 }
flush set inet security_groups sg_ended
flush set inet security_groups sg_worker
add element inet security_groups sg_worker { 10.0.1.10, 10.0.1.11 }
`);
});

test.each<[string, number | undefined, number | undefined, string]>([
  ['tcp', 80, 80, 'tcp dport 80'],
  ['tcp', 8000, 8010, 'tcp dport 8000-8010'],
  ['tcp', 0, 65535, 'tcp dport 0-65535'],
  ['udp', 53, 53, 'udp dport 53'],
  ['udp', undefined, undefined, 'meta l4proto udp'],
  ['icmp', -1, -1, 'meta l4proto icmp'],
  ['icmp', 8, -1, 'meta l4proto icmp icmp type 8'],
  ['50', undefined, undefined, 'meta l4proto 50'],
])('protocol %s, ports %s to %s', (protocol, fromPort, toPort, text) => {
  const ruleset = renderRuleset({
    rules: [{ direction: 'ingress', groupId: 'sg-a', peer: { cidr: '10.0.0.0/8' }, protocol, fromPort, toPort }], members: new Map(), exempt: [], offered: [],
  });

  expect(ruleset).toContain(`    ip daddr @sg_a ip saddr 10.0.0.0/8 ${text} accept\n`);
});

test('a way to the Internet: for TCP that the egress rules let through, not to private addresses; and to the resolver', () => {
  const lines = (more: object) => renderRuleset({ rules: [], members: new Map(), exempt: [], offered: [], ...more }).split('\n');
  const without = lines({});
  const chainOf = (line: string, all: string[]) => all.slice(0, all.indexOf(line)).reverse().find(before => before.includes('chain'))?.trim();

  const all = lines({ internet: { relay: { host: '169.254.1.2', port: 444 }, resolver: '10.0.0.2' } });

  const more = all.filter(line => !without.includes(line));
  expect(more.map(line => `${chainOf(line, all)} ${line.trim()}`)).toEqual([
    'chain egress { ip daddr 10.0.0.2 meta l4proto { tcp, udp } th dport 53 accept',
    'chain engine { ct status dnat accept',
    'chain engine { ip daddr 10.0.0.2 udp dport 53 accept',
    'chain engine { chain internet {',
    'chain internet { type nat hook prerouting priority dstnat;',
    'chain internet { iifname "veth*" ip daddr 10.0.0.2 tcp dport 53 dnat ip to 169.254.1.2:444',
    'chain internet { iifname "veth*" ip daddr != { 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/3 } meta l4proto tcp dnat ip to 169.254.1.2:444',
  ]);
});
