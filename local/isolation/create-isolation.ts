import type { Isolation, IsolationLevel } from './isolation';
import { Loopback } from './loopback';
import { NetworkNamespaces } from './network-namespaces';

export interface IsolationOptions {
  readonly level: IsolationLevel;
  /** Whether `nft` works here (root, rootless). */
  readonly securityGroups: boolean;
  /** The run's control group; without it memory limits are not enforced (root). */
  readonly memoryFolder?: string;
  /** The `dumb-init` binary that is pid 1 of each container (root, rootless). */
  readonly dumbInit: string;
  /** Python 3 interpreter: for the supervisor of each container (loopback), to give tasks a way to the Internet (root, rootless). */
  readonly python: string;
  /** Unix socket of an `InternetRelay`; without it there is no way to the Internet (root, rootless). Needs `securityGroups`. */
  readonly internetSocket?: string;
}

/** To be called once, in the engine process (started by `enterCommand`). */
export async function createIsolation({ level, ...options }: IsolationOptions): Promise<Isolation> {
  return level === 'loopback' ? Loopback.create(options.python) : NetworkNamespaces.create({ level, ...options });
}
