import type { SecurityGroupRule } from './security-groups';

export const TABLE = 'security_groups';
/** Sets that the kernel puts refused connections into. */
export const REFUSED = { egress: 'refused_egress', ingress: 'refused_ingress' } as const;

/** Marks the connections of `verify`, whose refusal is no news. */
export const TRIAL_DSCP = 63;

const REFUSED_SET = 'type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags dynamic,timeout; size 65535; timeout 1m;';

export interface Ruleset {
  readonly rules: readonly SecurityGroupRule[];
  /** Addresses by security group. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** Link-local services that no security group filters, on AWS neither. */
  readonly exempt: readonly Endpoint[];
  /** What the engine itself offers besides; egress rules decide who gets there. */
  readonly offered: readonly Endpoint[];
  /** @default - there is none */
  readonly internet?: Internet;
}

/** The way to the Internet. */
export interface Internet {
  /** Takes the TCP connections to all of it. */
  readonly relay: Endpoint;
  /** Address of the resolver, which no security group filters, on AWS neither. */
  readonly resolver: string;
}

/** What no NAT gateway leads to: this machine, its network and those that it is connected to. */
const PRIVATE = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'];

export interface Endpoint {
  /** Address. */
  readonly host: string;
  readonly port: number;
}

/**
 * Input of `nft -f`, which the kernel takes over as a whole or not at all. A packet has to pass the egress rules of its source when it leaves the
 * source's link, wherever it goes, and the ingress rules of its destination when it is passed on. Answers pass both. What the engine sends itself is not filtered.
 */
export function renderRuleset({ rules, members, exempt, offered, internet }: Ruleset): string {
  const groups = [...new Set([...members.keys(), ...rules.flatMap(({ groupId, peer }) => 'groupId' in peer ? [groupId, peer.groupId] : [groupId])])].sort();
  const chain = (direction: 'egress' | 'ingress') => [...new Set(rules.filter(rule => rule.direction === direction).map(renderRule))];
  const open = ({ host, port }: Endpoint) => `    ip daddr ${host} tcp dport ${port} accept`;
  return [
    `table inet ${TABLE}`,
    `flush table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    ...Object.values(REFUSED).map(name => `  set ${name} { ${REFUSED_SET} }`),
    ...groups.map(group => `  set ${setName(group)} { type ipv4_addr; }`),
    '  chain egress {',
    // before the addresses of connections to the Internet are exchanged
    '    type filter hook prerouting priority mangle; policy drop;',
    '    iifname != "veth*" accept',
    '    ct state established,related accept',
    ...exempt.map(open),
    ...internet ? [`    ip daddr ${internet.resolver} meta l4proto { tcp, udp } th dport 53 accept`] : [],
    ...chain('egress'),
    ...noteRefusal('egress'),
    '  }',
    '  chain ingress {',
    '    type filter hook forward priority filter; policy drop;',
    '    ct state established,related accept',
    ...chain('ingress'),
    ...noteRefusal('ingress'),
    '  }',
    '  chain engine {',
    '    type filter hook input priority filter; policy drop;',
    '    iifname "lo" accept',
    '    ct state established,related accept',
    ...[...exempt, ...offered].map(open),
    ...internet ? ['    ct status dnat accept', `    ip daddr ${internet.resolver} udp dport 53 accept`] : [],
    ...noteRefusal('ingress'),
    '  }',
    ...internet ? renderInternet(internet) : [],
    '}',
    ...groups.flatMap(group => [
      `flush set inet ${TABLE} ${setName(group)}`,
      ...members.get(group)?.size ? [`add element inet ${TABLE} ${setName(group)} { ${[...members.get(group)!].join(', ')} }`] : [],
    ]),
    '',
  ].join('\n');
}

function renderInternet({ relay, resolver }: Internet): string[] {
  const toRelay = `dnat ip to ${relay.host}:${relay.port}`;
  return [
    '  chain internet {',
    '    type nat hook prerouting priority dstnat;',
    `    iifname "veth*" ip daddr ${resolver} tcp dport 53 ${toRelay}`,
    `    iifname "veth*" ip daddr != { ${PRIVATE.join(', ')} } meta l4proto tcp ${toRelay}`,
    '  }',
  ];
}

/** What begins a connection only: the last packets of an ended one may find no state. */
function noteRefusal(direction: 'egress' | 'ingress'): string[] {
  const note = `ip dscp != ${TRIAL_DSCP} update @${REFUSED[direction]} { ip saddr . ip daddr . meta l4proto . th dport }`;
  return [`    tcp flags & (fin | syn | rst | ack) == syn ${note}`, `    meta l4proto udp ${note}`];
}

function renderRule({ direction, groupId, peer, protocol, fromPort, toPort }: SecurityGroupRule): string {
  const [own, other] = direction === 'egress' ? ['saddr', 'daddr'] : ['daddr', 'saddr'];
  const match = [`ip ${own} @${setName(groupId)}`, `ip ${other} ${'cidr' in peer ? peer.cidr : `@${setName(peer.groupId)}`}`];
  return `    ${[...match, ...renderProtocol(protocol, fromPort, toPort), 'accept'].join(' ')}`;
}

function renderProtocol(protocol: string, from = -1, to = from): string[] {
  if (protocol === '-1') return [];
  if (protocol === 'icmp') return ['meta l4proto icmp', ...from === -1 ? [] : [`icmp type ${from}`], ...to === -1 ? [] : [`icmp code ${to}`]];
  if (protocol !== 'tcp' && protocol !== 'udp') return [`meta l4proto ${protocol}`];
  return from === -1 ? [`meta l4proto ${protocol}`] : [`${protocol} dport ${from === to ? from : `${from}-${to}`}`];
}

function setName(groupId: string): string {
  return groupId.replaceAll(/\W/g, '_');
}
