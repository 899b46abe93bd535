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
