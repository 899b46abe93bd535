import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { IAirflowDatabase } from '../database/airflow-database';
import { pythonCommand, pythonUrl, SecretUrl } from '../secrets/secret-url';

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

/** Whether the job of this component, on this address, has written its heartbeat within the last minute. */
export function jobCheck(jobType: string, database: IAirflowDatabase): string {
  return pythonCommand([
    'import os,sys,socket as s,psycopg2 as p',
    `c=p.connect(host='${database.hostname}',port=${database.port},dbname='airflow',user='airflow',`
      + "password=os.environ['AIRFLOW_DB_PASSWORD'],sslmode='" + (database.caBundle ? 'verify-full' : 'require') + "',connect_timeout=5).cursor()",
    "c.execute('select 1 from job where job_type=%s and state=%s and hostname=%s and latest_heartbeat>now()-cast(%s as interval)',"
      + `('${jobType}','running',s.gethostbyname(s.gethostname()),'60 s'))`,
    'sys.exit(c.fetchone() is None)',
  ].join(';'));
}

/** Whether the worker consumes its queues: after an outage of Redis it can answer `ping` and still consume nothing. */
export function workerCheck(broker: SecretUrl): string {
  return pythonCommand([
    'import os,sys,socket,celery,urllib.parse as p',
    `w=celery.Celery(broker=${pythonUrl(broker)}).control.inspect(['celery@'+socket.gethostname()],timeout=5)`,
    'sys.exit(not w.active_queues())',
  ].join(';'));
}
