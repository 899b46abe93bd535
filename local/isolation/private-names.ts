import type { Isolation } from './isolation';

/** The private DNS names of the whole run, published to every container. Services, databases and caches each set their own. */
export class PrivateNames {
  private readonly names = new Map<string, readonly string[]>();

  constructor(private readonly isolation: Pick<Isolation, 'setNames'>) {}

  /** Replaces the addresses of one name; none: the name no longer resolves. */
  async set(name: string, addresses: readonly string[]): Promise<void> {
    if (addresses.length > 0) this.names.set(name, addresses);
    else this.names.delete(name);
    await this.isolation.setNames(this.names);
  }
}
