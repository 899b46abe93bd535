import { isDeepStrictEqual } from 'node:util';
import type { TaskSpec } from './isolation';
import { REFUSED, renderRuleset, TABLE, type Endpoint, type Internet } from './nftables';
import { runTool } from './run-tool';
import { DEFAULT_SECURITY_GROUP_RULES, type Refusal, type SecurityGroupRule, type SecurityGroups } from './security-groups';

export interface FirewallOptions {
  /** See `Ruleset`. */
  readonly exempt: readonly Endpoint[];
  readonly offered: readonly Endpoint[];
  readonly internet?: Internet;
  /** Names of addresses that are not those of tasks. */
  readonly names: ReadonlyMap<string, string>;
}

const PROTOCOLS: Record<string, Refusal['protocol']> = { tcp: 'tcp', udp: 'udp', 6: 'tcp', 17: 'udp' };

/** Security groups as rules of the router between the tasks. From the start on, what no rule allows is dropped. */
export class Firewall implements SecurityGroups {
  static async create(options: FirewallOptions): Promise<Firewall> {
    const firewall = new Firewall(options);
    await firewall.load();
    return firewall;
  }

  readonly enforced = true;
  private rules: SecurityGroupRule[] = [...DEFAULT_SECURITY_GROUP_RULES];
  private readonly members = new Map<string, Set<string>>();
  /** Ended tasks included: their refused connections are still told. */
  private readonly names: Map<string, string>;
  private running: Promise<unknown> = Promise.resolve();
  private waiting?: Promise<void>;

  private constructor(private readonly options: FirewallOptions) {
    this.names = new Map(options.names);
  }

  /** Its rules hold when it resolves. */
  async addTask(address: string, { name, securityGroups }: TaskSpec): Promise<void> {
    this.names.set(address, name);
    for (const group of securityGroups) this.members.set(group, (this.members.get(group) ?? new Set()).add(address));
    await this.load();
  }

  async removeTask(address: string): Promise<void> {
    for (const addresses of this.members.values()) addresses.delete(address);
    await this.load();
  }

  async authorize(rules: readonly SecurityGroupRule[]): Promise<void> {
    this.rules.push(...rules);
    const decided = new Set(this.rules.filter(({ direction, byDefault }) => direction === 'egress' && !byDefault).map(({ groupId }) => groupId));
    this.rules = this.rules.filter(({ groupId, byDefault }) => !(byDefault && decided.has(groupId)));
    await this.load();
  }

  async revoke(rules: readonly SecurityGroupRule[]): Promise<void> {
    for (const rule of rules) {
      const index = this.rules.findIndex(other => isDeepStrictEqual(other, rule));
      if (index >= 0) this.rules.splice(index, 1);
    }
    await this.load();
  }

  async refused(): Promise<Refusal[]> {
    const sets = await elementsBySet();
    const name = (address: string) => this.names.get(address) ?? address;
    return (['egress', 'ingress'] as const).flatMap(missing => sets.get(REFUSED[missing])!.map(([source, destination, protocol, port]) => ({
      source: name(source), destination: name(destination), protocol: PROTOCOLS[protocol], port: Number(port), missing,
    })));
  }

  /** Many changes come at once: those that come while the rules are being loaded share the next time. */
  private async load(): Promise<void> {
    this.waiting ??= this.running.catch(() => {}).then(async () => {
      this.waiting = undefined;
      const { rules, members, options: { exempt, offered, internet } } = this;
      const loaded = runTool('nft', ['-f', '-'], renderRuleset({ rules, members, exempt, offered, internet }));
      this.running = loaded;
      await loaded;
    });
    await this.waiting;
  }
}

interface Listing {
  readonly nftables: { set?: { name: string; elem?: { elem?: { val: { concat: string[] } } }[] } }[];
}

async function elementsBySet(): Promise<Map<string, string[][]>> {
  const { nftables } = JSON.parse(await runTool('nft', ['-j', 'list', 'sets', 'table', 'inet', TABLE])) as Listing;
  // members of groups are plain strings, without `elem`
  return new Map(nftables.flatMap(({ set }) => set ? [[set.name, (set.elem ?? []).flatMap(({ elem }) => elem ? [elem.val.concat] : [])]] : []));
}
