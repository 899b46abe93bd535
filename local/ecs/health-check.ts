import type { ChildProcess } from 'node:child_process';
import type { Clock } from './clock';
import type { HealthCheck } from './definitions';
import type { RunningContainer } from '../isolation/isolation';
import { exitCode } from '../isolation/process';

export type HealthStatus = 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';

/** Until it is healthy for the first time a container is asked every second, so that nobody waits for a whole interval. */
const START_INTERVAL = 1000;

/**
 * The container's health check with the definition's timing. As on ECS, a container that was never healthy becomes unhealthy
 * `startPeriod + retries × interval` after its start, and one that was healthy after `retries` failures in a row.
 */
export class HealthMonitor {
  status: HealthStatus = 'UNKNOWN';
  private readonly ended = new AbortController();

  constructor(
    private readonly check: HealthCheck,
    private readonly container: RunningContainer,
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {
    void container.exited.then(() => this.ended.abort());
    void this.watch();
  }

  private async watch(): Promise<void> {
    const { interval, retries, startPeriod } = this.check;
    const deadline = this.clock.now() + (startPeriod + retries * interval) * 1000;
    let failures = 0;
    while (await this.pause(this.status === 'UNKNOWN' ? START_INTERVAL : interval * 1000)) {
      if (await this.passes()) {
        failures = 0;
        this.become('HEALTHY');
      } else if (this.status === 'UNKNOWN' ? this.clock.now() > deadline : ++failures >= retries) {
        this.become('UNHEALTHY');
      }
    }
  }

  /** Its own timeout is about the work of a process, so it is not the clock's. */
  private async passes(): Promise<boolean> {
    const [kind, ...command] = this.check.command;
    const child: ChildProcess = this.container.exec(kind === 'CMD-SHELL' ? ['/bin/sh', '-c', command[0]] : command, 'pipe');
    child.stdin!.end();
    child.stdout!.resume();
    child.stderr!.resume();
    const timeout = setTimeout(() => child.kill('SIGKILL'), this.check.timeout * 1000);
    const code = await exitCode(child);
    clearTimeout(timeout);
    return code === 0;
  }

  private become(status: HealthStatus): void {
    if (this.ended.signal.aborted || status === this.status) return;
    this.status = status;
    this.onChange();
  }

  private async pause(milliseconds: number): Promise<boolean> {
    await this.clock.sleep(milliseconds, this.ended.signal);
    return !this.ended.signal.aborted;
  }
}
