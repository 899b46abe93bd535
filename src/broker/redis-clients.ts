import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IDependable } from 'constructs';
import type { BoundBroker } from './bound-broker';
import { workerCheck } from './worker-check';
import type { Binding } from '../binding';
import type { AirflowSecret } from '../secrets/airflow-secret';
import { SecretUrl, urlVariables } from '../secrets/secret-url';

export const REDIS_PORT = 6379;

/** A connection that is dead without a reset is noticed after 70 s; by default a worker on one never consumes anything again. */
const TRANSPORT_OPTIONS = {
  // Airflow's default: without it every process warns at its start
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT: '86400',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT: '15',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT: '5',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_KEEPALIVE: 'True',
  AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__HEALTH_CHECK_INTERVAL: '10',
};

/**
 * Certificate and host name are verified, with the authorities that the image trusts. It stands in the URL, so that health checks and the scaler have
 * it as well. Flower looks into queues with a client of its own, which reads nothing after `?` and verifies both by default.
 */
const TLS = '?ssl_cert_reqs=required&ssl_check_hostname=true';

/** Where a Redis server is. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly password: AirflowSecret;
  readonly peer: ec2.IConnectable;
  readonly waitsFor: IDependable[];
}

/** Redis, or Valkey, as Celery's clients see it. */
export class RedisClients implements BoundBroker {
  public readonly binding: Binding;
  public readonly transportOptions = TRANSPORT_OPTIONS;
  public readonly workerCheck: string;

  constructor({ host, port, tls, password, peer, waitsFor }: RedisServer) {
    const url: SecretUrl = {
      prefix: `${tls ? 'rediss' : 'redis'}://:`,
      passwordVariable: 'AIRFLOW_REDIS_PASSWORD',
      suffix: `@${host}:${port}/0${tls ? TLS : ''}`,
    };
    this.binding = { ...urlVariables(password, { AIRFLOW__CELERY__BROKER_URL: url }), server: { name: 'broker', peer }, waitsFor };
    this.workerCheck = workerCheck(url);
  }
}
