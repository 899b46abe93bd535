import { SynthesizedStack } from '../private/template';

/** Something that holds for the template of `ServerlessAirflow` with one DAG folder and nothing else. Throws where it does not. */
export interface Check {
  readonly name: string;
  check(synthesized: SynthesizedStack): void;
}

/** The same check for several containers. */
export function forEach<T>(rows: Record<string, T>, name: (container: string) => string,
  check: (synthesized: SynthesizedStack, container: string, expected: T) => void): Check[] {
  return Object.entries(rows).map(([container, expected]) => ({
    name: name(container),
    check: synthesized => check(synthesized, container, expected),
  }));
}

export const COMPONENTS = ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower'];
