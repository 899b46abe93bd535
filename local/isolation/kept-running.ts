import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningContainer } from './isolation';

const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;

export interface KeptRunningProps {
  /** For people. */
  readonly name: string;
  /** What people should know at once. */
  readonly tell?: (text: string) => void;
  start(): Promise<RunningContainer>;
  /** Rejects when the container has ended. */
  untilReady(container: RunningContainer): Promise<void>;
}

/** A server of the runner's own that stands for one of AWS's, where somebody starts it again whatever has ended it. */
export class KeptRunning {
  /** Whoever needs the server waits for it: resolved while it is there. */
  ready: Promise<void> = Promise.resolve();
  private container?: RunningContainer;
  private isReady = false;
  private restarts = 0;
  private reason = '';
  private readonly stopping = new AbortController();

  constructor(private readonly props: KeptRunningProps) {}

  /** The first start has to succeed. */
  async start(): Promise<void> {
    const container = this.container = await this.props.start();
    try {
      await this.props.untilReady(container);
    } catch (error) {
      container.kill();
      await container.exited;
      throw error;
    }
    this.isReady = true;
    void container.exited.then(code => this.ended(code));
  }

  /** What `status` tells: nothing, unless it has ended since the start. */
  get news(): string | undefined {
    if (this.reason === '') return undefined;
    return this.isReady ? `${this.props.name} runs again (started again ${this.restarts} times, the last time because it ${this.reason})`
      : `${this.props.name} does not run (it ${this.reason}): it is being started again`;
  }

  /** `end` makes the container end. */
  async stop(end: (container: RunningContainer) => void): Promise<void> {
    this.stopping.abort();
    if (this.container) {
      end(this.container);
      await this.container.exited;
    }
    await this.ready;
  }

  private ended(code: number): void {
    if (this.stopping.signal.aborted) return;
    this.isReady = false;
    this.reason = `ended with exit code ${code}`;
    this.ready = this.startAgain();
    this.props.tell?.(this.news!);
  }

  private async startAgain(): Promise<void> {
    for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, LONGEST_DELAY)) {
      await sleep(delay, undefined, { signal: this.stopping.signal }).catch(() => {});
      if (this.stopping.signal.aborted) return;
      try {
        await this.start();
        this.restarts += 1;
        this.props.tell?.(this.news!);
        return;
      } catch (error) {
        this.reason = `could not be started: ${(error as Error).message}`;
      }
    }
  }
}
