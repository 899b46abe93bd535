import type { IsolationLevel } from './isolation';

export interface ProbeResult {
  readonly level: IsolationLevel;
  /** One sentence: why no better level works here and what is lost. Absent when nothing is lost. */
  readonly limitation?: string;
}

/** The best level that works on this machine, or the wanted one; a UserError when that is impossible. Runs outside of the namespaces. */
export function probeIsolation(_wanted?: IsolationLevel): ProbeResult {
  throw new Error('not built yet');
}

/** Put in front of the engine's command line (`node …`): makes the namespaces that the engine lives in. Empty at the loopback level. */
export function enterCommand(_level: IsolationLevel): string[] {
  throw new Error('not built yet');
}
