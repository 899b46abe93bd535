/** Of a worker. */
export const SLOTS = 3;

/** A pool with a queue and DAGs of its own: what is tried in one does not wait for another. */
export interface Lane {
  readonly number: number;
  readonly pool: string;
  readonly service: string;
  readonly queue: string;
  /** Workers. */
  readonly least: number;
}

/** Half of them go to zero. */
export const LANES: readonly Lane[] = [1, 2, 3, 4].map(number => ({
  number, pool: `Lane${number}`, service: `worker-lane${number}`, queue: `lane-${number}`, least: number % 2,
}));
