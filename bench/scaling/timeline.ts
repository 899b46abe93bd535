import { isDeepStrictEqual } from 'node:util';
import { table } from '../../tools/table';

/** What there is at one moment. */
export interface Sample {
  /** Since the tasks have arrived; less before. */
  readonly seconds: number;
  /** Workers. */
  readonly desired: number;
  readonly workers: number;
  /** Tasks. */
  readonly waiting: number;
  readonly running: number;
  readonly succeeded: number;
}

/** Those that differ from the one before. */
export function changes(samples: readonly Sample[]): Sample[] {
  return samples.filter((sample, index) => index === 0 || !isDeepStrictEqual({ ...sample, seconds: 0 }, { ...samples[index - 1], seconds: 0 }));
}

export function timelineTable(samples: readonly Sample[]): string {
  const headings = ['time', 'workers desired', 'running', 'tasks waiting', 'running', 'succeeded'];
  const rows = changes(samples).map(({ seconds, desired, workers, waiting, running, succeeded }) => [
    `${seconds.toFixed(0)} s`, ...[desired, workers, waiting, running, succeeded].map(String),
  ]);
  return table(headings, rows, headings);
}
