import { realClock, type Clock } from '../../../local/ecs/clock';

/** Runs faster than the machine's, remembers what was waited for, and can be stopped. */
export class FastClock implements Clock {
  /** Milliseconds of its own time, of every sleep that was asked for. */
  readonly sleeps: number[] = [];
  private readonly start = Date.now();
  private readonly speed: number;
  private held?: Promise<void>;
  private letGo?: () => void;

  constructor(speed: number) {
    this.speed = speed;
  }

  now(): number {
    return this.start + (Date.now() - this.start) * this.speed;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(milliseconds);
    await realClock.sleep(milliseconds / this.speed, signal);
    if (!this.held || signal.aborted) return;
    await Promise.race([this.held, new Promise<void>(done => signal.addEventListener('abort', () => done(), { once: true }))]);
  }

  /** No sleep ends any more. */
  hold(): void {
    this.held = new Promise(done => this.letGo = done);
  }

  release(): void {
    this.held = undefined;
    this.letGo?.();
  }
}
