import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { REDIS_PORT, RedisClients } from './redis-clients';
import { SECURITY_GROUPS } from '../properties/cdk-types';
import { validatePort } from '../properties/numbers';
import { BOOLEAN, NUMBER, PropertyTypes, required, shown, STRING, validateTypes } from '../properties/property-types';
import { AirflowSecret } from '../secrets/airflow-secret';
import { SECRET_TYPE } from '../secrets/airflow-secrets';

/** Options of a Redis or Valkey server that somebody else has made. */
export interface AirflowBrokerExistingOptions {
  /** Name of the server that is written to: the primary endpoint of ElastiCache. It must not be one of a cluster with several shards. */
  readonly host: string;

  /**
   * Port of the server.
   *
   * @default 6379
   */
  readonly port?: number;

  /** Password of the server's default user. */
  readonly secret: AirflowSecret;

  /**
   * Whether the server has TLS. Its certificate is verified, with the authorities that the image trusts.
   *
   * @default true
   */
  readonly tls?: boolean;

  /**
   * Security groups of the server. They get rules that let scheduler, workers and Flower in.
   *
   * @default - unknown: scheduler, workers and Flower may connect to any address on that port
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
}

const TYPES: PropertyTypes<AirflowBrokerExistingOptions> = {
  host: required(STRING),
  port: NUMBER,
  secret: required(SECRET_TYPE),
  tls: BOOLEAN,
  securityGroups: SECURITY_GROUPS,
};

const SHARDS = 'Celery takes messages from several keys in one command, which a server with several shards refuses (CROSSSLOT): '
  + 'create a replication group with cluster mode disabled, or use AirflowBroker.elastiCache()';
const READ_ONLY = 'messages have to be written: give the primary endpoint';

/** Names of AWS's that cannot be a broker, with the reason. */
const UNFIT: [RegExp, string, string][] = [
  [/^clustercfg\.|\.clustercfg\./, 'the endpoint of a cluster', SHARDS],
  [/\.serverless\.[\w-]+\.cache\.amazonaws\./, 'an endpoint of ElastiCache Serverless', SHARDS],
  [/^(replica\.|[^.]+-ro\.).*\.cache\.amazonaws\./, 'the endpoint of replicas', READ_ONLY],
];

/** Where an existing server is. */
export function existingClients({ host, port = REDIS_PORT, secret, tls = true, securityGroups }: AirflowBrokerExistingOptions): RedisClients {
  const defaultPort = ec2.Port.tcp(port);
  const connections = new ec2.Connections({ defaultPort, ...securityGroups ? { securityGroups } : { peer: ec2.Peer.anyIpv4() } });
  return new RedisClients({ host, port, tls, password: secret, peer: { connections }, waitsFor: [] });
}

/** Refuses what cannot be a broker. */
export function validateExisting(options: AirflowBrokerExistingOptions): void {
  validateTypes(options, TYPES);
  const { host, port, securityGroups } = options;
  validatePort(port);
  if (securityGroups && securityGroups.length === 0) {
    throw new Error('property securityGroups must have a security group, got []: leave it out if there is none');
  }
  if (Token.isUnresolved(host)) { return; }
  if (!/^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(host)) {
    throw new Error(`property host must be a host name, without scheme, user and port, got ${shown(host)}`);
  }
  for (const [pattern, what, reason] of UNFIT) {
    if (pattern.test(host.toLowerCase())) {
      throw new Error(`property host must not be ${what}, got ${JSON.stringify(host)}: ${reason}`);
    }
  }
}
