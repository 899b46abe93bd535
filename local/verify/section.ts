import type { Stack } from '../cloudformation';
import type { ControlClient } from '../engine/control-client';

/** Something that a template promises, tried out in a run of it. */
export type Verify = (stack: Stack, client: ControlClient) => Promise<Section>;

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
