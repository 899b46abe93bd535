import type { Binding } from '../binding';

/** A broker as its clients see it. */
export interface BoundBroker {
  /** What every client gets: the URL, the password, the way there. */
  readonly binding: Binding;
  /** How scheduler and workers keep their connections, as options of Celery's transport. */
  readonly transportOptions: Record<string, string>;
  /** Command line that tells whether the worker beside it consumes its queues. */
  readonly workerCheck: string;
}
