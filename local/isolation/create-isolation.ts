import type { Isolation, IsolationLevel } from './isolation';
import { Loopback } from './loopback';
import { NetworkNamespaces } from './network-namespaces';

export interface IsolationOptions {
  readonly level: IsolationLevel;
  /** The `dumb-init` binary that is pid 1 of each container (root, rootless). */
  readonly dumbInit: string;
  /** Python 3 interpreter for the supervisor of each container (loopback). */
  readonly python: string;
}

/** To be called once, in the engine process (started by `enterCommand`). */
export async function createIsolation(options: IsolationOptions): Promise<Isolation> {
  return options.level === 'loopback' ? Loopback.create(options.python) : NetworkNamespaces.create(options.level, options.dumbInit);
}
