import { randomUUID } from 'node:crypto';
import type { Clock } from './clock';

export interface ServiceEvent {
  readonly id: string;
  readonly createdAt: Date;
  readonly message: string;
}

/** As ECS keeps them. */
const LIMIT = 100;

/** What a service did, in ECS's words. */
export class ServiceEvents {
  private readonly events: ServiceEvent[] = [];

  constructor(private readonly serviceArn: string, private readonly clock: Clock) {}

  tell(message: string): void {
    this.events.unshift({
      id: randomUUID(), createdAt: new Date(this.clock.now()), message: `(service ${this.serviceArn.split('/').at(-1)}) ${message}`,
    });
    this.events.splice(LIMIT);
  }

  /** Newest first. */
  list(): readonly ServiceEvent[] {
    return this.events;
  }
}
