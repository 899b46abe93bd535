import { setTimeout as sleep } from 'node:timers/promises';

/** The time of what waits on purpose: back-off of services, intervals of health checks, stop timeouts. Milliseconds. */
export interface Clock {
  now(): number;
  /** Ends early, and without an error, when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(error => {
    if (!signal.aborted) throw error;
  }),
};
