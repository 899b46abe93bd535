import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';

export interface HealthCheckTiming {
  /** Seconds, like all below except the number of retries. */
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
}

/**
 * A container health check. Checks run every few seconds in containers with a quarter of a CPU, so they must not import Airflow, which costs
 * 3 s of CPU and 156 MiB each time. Double quotes enclose Python code: it has to do with single quotes and without `$`.
 */
export function healthCheck(command: string, timing: HealthCheckTiming): ecs.HealthCheck {
  return {
    command: ['CMD-SHELL', command],
    interval: Duration.seconds(timing.interval),
    timeout: Duration.seconds(timing.timeout),
    retries: timing.retries,
    startPeriod: Duration.seconds(timing.startPeriod),
  };
}

export function httpCheck(url: string): string {
  return `curl -fsS -m 5 ${url}`;
}

/**
 * Whether there is room for another file in folders. A component can be alive without it, and useless.
 *
 * @param folders as a shell reads them
 */
export function roomCheck(...folders: string[]): string {
  return `for d in ${folders.map(folder => `"${folder}"`).join(' ')}; do `
    + 'mkdir -p "$d" && head -c 1048576 /dev/zero > "$d/.room"; r=$?; rm -f "$d/.room"; [ $r = 0 ] || exit 1; done';
}
