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
  /** Python 3 interpreter for the supervisor of each container (loopback). */
  readonly python: string;
}

/** To be called once, in the engine process (started by `enterCommand`). */
export async function createIsolation({ level, securityGroups, memoryFolder, dumbInit, python }: IsolationOptions): Promise<Isolation> {
  return level === 'loopback' ? Loopback.create(python) : NetworkNamespaces.create({ level, dumbInit, securityGroups, memoryFolder });
}
