import { resolve } from 'node:path';
import { readAssembly, selectStack, type Stack } from '../cloudformation';
import { stateFolders, type StateFolders } from '../engine/state';
import type { IsolationLevel } from '../isolation/isolation';

/** Where CDK writes. */
export const DEFAULT_APP = 'cdk.out';

/** Options of every command. */
export interface GlobalOptions {
  readonly app: string;
  readonly stack?: string;
  readonly state?: string;
  readonly isolation?: IsolationLevel;
}

export interface App {
  /** Absolute path of the cloud assembly. */
  readonly assembly: string;
  readonly stack: Stack;
  readonly folders: StateFolders;
}

/** The stack that a command is about, and where its run keeps things. */
export function openApp(options: GlobalOptions): App {
  const assembly = resolve(options.app);
  const stack = selectStack(readAssembly(assembly), options.stack);
  return { assembly, stack, folders: stateFolders(assembly, stack.name, options.state) };
}
