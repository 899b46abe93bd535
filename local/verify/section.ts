import type { Trial } from './trial';
import type { Stack } from '../cloudformation';
import type { ScriptOutput } from '../ecs/cluster';
import type { IsolationLevel } from '../isolation/isolation';

/** What has an address beside the tasks of services. */
export interface Network {
  /** Whether security groups are enforced. */
  readonly enforced: boolean;
  readonly level: IsolationLevel;
  /** Databases and caches. */
  readonly servers: readonly { readonly kind: string; readonly logicalId: string; readonly host: string; readonly port: number }[];
  readonly api: { readonly host: string; readonly port: number };
  /** Whether there is a way to the Internet. */
  readonly internet: boolean;
}

/** What a running stack is asked for. */
export interface Run {
  network(): Promise<Network>;
  /** Runs a Python script in every running task. */
  python(script: string, argument: string): Promise<ScriptOutput[]>;
  /** Tries what every role may do. */
  access(): Promise<Trial[]>;
}

/** Something that a template promises, tried out in a run of it. */
export type Verify = (stack: Stack, run: Run) => Promise<Section>;

export interface Section {
  readonly title: string;
  /** For people, at most 120 columns where there are not more services than that. */
  readonly lines: readonly string[];
  /** One sentence for each. */
  readonly differences: readonly string[];
  /** One sentence: why nothing could be tried. */
  readonly impossible?: string;
  /** For programs. */
  readonly details: Record<string, unknown>;
}
