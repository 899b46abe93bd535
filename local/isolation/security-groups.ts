/** Rules between tasks and what else has an address in the network of a run, by the names of the EC2 API. */
export interface SecurityGroups {
  /** Whether the rules have an effect; otherwise everybody reaches everybody. */
  readonly enforced: boolean;
  /** Adds rules; they hold when it resolves. */
  authorize(rules: readonly SecurityGroupRule[]): Promise<void>;
  /** Takes rules away, each once; they hold no more when it resolves. With `authorize` at the same time it is one change. */
  revoke(rules: readonly SecurityGroupRule[]): Promise<void>;
  /** Connections of the last minute that found no rule. */
  refused(): Promise<Refusal[]>;
}

export interface SecurityGroupRule {
  /** Who may connect to members of the group, or where members may connect to. */
  readonly direction: 'ingress' | 'egress';
  readonly groupId: string;
  readonly peer: { readonly groupId: string } | { readonly cidr: string };
  /** `tcp`, `udp`, `icmp`, a protocol number, or `-1` for all. */
  readonly protocol: string;
  /** Of ICMP it is the type, and `toPort` the code; -1 is any. */
  readonly fromPort?: number;
  readonly toPort?: number;
  /** EC2's own: everywhere, until the group has an egress rule of the template. */
  readonly byDefault?: boolean;
}

export interface Refusal {
  /** Name of the task, else the address. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Of which group a rule is missing: the source's (egress) or the destination's (ingress). */
  readonly missing: 'egress' | 'ingress';
}

/** Of tasks and databases that name none: the group that every VPC has. */
export const DEFAULT_SECURITY_GROUP = 'sg-default';

/** As EC2 makes them. */
export const DEFAULT_SECURITY_GROUP_RULES: readonly SecurityGroupRule[] = [
  { direction: 'ingress', groupId: DEFAULT_SECURITY_GROUP, peer: { groupId: DEFAULT_SECURITY_GROUP }, protocol: '-1' },
  defaultEgress(DEFAULT_SECURITY_GROUP),
];

export function defaultEgress(groupId: string): SecurityGroupRule {
  return { direction: 'egress', groupId, peer: { cidr: '0.0.0.0/0' }, protocol: '-1', byDefault: true };
}

/** Where there is no firewall. */
export const NOT_ENFORCED: SecurityGroups = { enforced: false, authorize: async () => {}, revoke: async () => {}, refused: async () => [] };
