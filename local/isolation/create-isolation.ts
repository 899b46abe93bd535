import type { Isolation, IsolationLevel } from './isolation';

export interface IsolationOptions {
  readonly level: IsolationLevel;
  /** For files of running containers; at the loopback level only. */
  readonly stateFolder: string;
  /** The `dumb-init` binary that is pid 1 of each container (root, rootless). */
  readonly dumbInit: string;
  /** Python 3 interpreter for the supervisor of each container (loopback). */
  readonly python: string;
}

/** To be called once, in the engine process (started by `enterCommand`). */
export async function createIsolation(_options: IsolationOptions): Promise<Isolation> {
  throw new Error('not built yet');
}
