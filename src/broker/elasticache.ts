import { Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnParameterGroup, CfnReplicationGroup, CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import { Construct, Dependable } from 'constructs';
import { AirflowBrokerElastiCacheEngine } from './elasticache-engine';
import { REDIS_PORT, RedisClients } from './redis-clients';
import type { AirflowCluster } from '../cluster/airflow-cluster';
import { DURATION } from '../properties/cdk-types';
import { validateWhole } from '../properties/durations';
import { validateWholeNumber } from '../properties/numbers';
import { BOOLEAN, NUMBER, object, PropertyTypes, STRING, validateTypes } from '../properties/property-types';
import type { AirflowSecret } from '../secrets/airflow-secret';

const MOST_REPLICAS = 5;
const MOST_DAYS = 35;

/** Options of a broker in ElastiCache. */
export interface AirflowBrokerElastiCacheOptions {
  /**
   * The server.
   *
   * @default AirflowBrokerElastiCacheEngine.VALKEY_8
   */
  readonly engine?: AirflowBrokerElastiCacheEngine;

  /**
   * Type of the nodes, with the prefix `cache.`. A message takes about 2 KB: the smallest type holds far more than Airflow queues at once.
   *
   * @default 'cache.t4g.micro'
   */
  readonly nodeType?: string;

  /**
   * How many replicas stand by, 0 to 5. One of them takes over when the primary node is lost, with the messages; without any, a new node is made, without them.
   *
   * @default 0
   */
  readonly replicas?: number;

  /**
   * Whether primary node and replicas stand in different availability zones. It needs a replica.
   *
   * @default - true with replicas
   */
  readonly multiAz?: boolean;

  /**
   * How long daily snapshots are kept, 1 to 35 days. Airflow does not need any: the scheduler sends messages again that are lost.
   *
   * @default - there are no snapshots
   */
  readonly snapshotRetention?: Duration;
}

const TYPES: PropertyTypes<AirflowBrokerElastiCacheOptions> = {
  engine: object<AirflowBrokerElastiCacheEngine>('an AirflowBrokerElastiCacheEngine, for example AirflowBrokerElastiCacheEngine.VALKEY_8', '_parameterGroupFamily'),
  nodeType: STRING,
  replicas: NUMBER,
  multiAz: BOOLEAN,
  snapshotRetention: DURATION,
};

export interface ElastiCacheProps extends AirflowBrokerElastiCacheOptions {
  readonly cluster: AirflowCluster;
  readonly password: AirflowSecret;
}

/**
 * A replication group of ElastiCache with one shard: Celery takes messages from several keys in one command, which a server with more shards refuses
 * (CROSSSLOT). Clients ask the primary endpoint, whose name follows a fail-over.
 */
export class ElastiCache extends Construct implements ec2.IConnectable {
  public readonly connections: ec2.Connections;
  public readonly clients: RedisClients;

  constructor(scope: Construct, id: string, props: ElastiCacheProps) {
    super(scope, id);

    const { cluster, password, engine = AirflowBrokerElastiCacheEngine.VALKEY_8, replicas = 0, multiAz = replicas > 0 } = props;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc: cluster.vpc, description: 'Airflow: broker', allowAllOutbound: false });
    const subnets = new CfnSubnetGroup(this, 'Subnets', {
      description: 'Airflow: broker',
      subnetIds: cluster.vpc.selectSubnets(cluster.vpcSubnets).subnetIds,
    });
    const parameters = new CfnParameterGroup(this, 'Parameters', {
      cacheParameterGroupFamily: engine._parameterGroupFamily,
      description: 'Airflow: no message is dropped for another',
      properties: { 'maxmemory-policy': 'noeviction' }, // Celery breaks when any of its keys disappears
    });
    const replicationGroup = new CfnReplicationGroup(this, 'ReplicationGroup', {
      replicationGroupDescription: 'Airflow: broker',
      engine: engine.engine,
      engineVersion: engine.version,
      autoMinorVersionUpgrade: true,
      cacheNodeType: props.nodeType ?? 'cache.t4g.micro',
      clusterMode: 'disabled',
      numCacheClusters: 1 + replicas,
      automaticFailoverEnabled: replicas > 0,
      multiAzEnabled: multiAz,
      cacheParameterGroupName: parameters.ref,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      port: REDIS_PORT,
      transitEncryptionEnabled: true,
      authToken: password._toDynamicReference(),
      atRestEncryptionEnabled: true,
      kmsKeyId: cluster._encryptionKey?.keyArn,
      snapshotRetentionLimit: props.snapshotRetention?.toDays(),
    });

    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(REDIS_PORT) });
    this.clients = new RedisClients({
      host: replicationGroup.attrPrimaryEndPointAddress, port: REDIS_PORT, tls: true, password, peer: this, waitsFor: [this],
    });
    // not the rules of the security group: every client would wait for those of all others
    Dependable.implement(this, { dependencyRoots: [replicationGroup] });
  }
}

/** Refuses what ElastiCache does not have. */
export function validateElastiCache(options: AirflowBrokerElastiCacheOptions): void {
  validateTypes(options, TYPES);
  const { nodeType, replicas = 0, multiAz, snapshotRetention } = options;
  if (nodeType !== undefined && !Token.isUnresolved(nodeType) && !/^cache\.[a-z][a-z0-9]*\.[a-z0-9]+$/.test(nodeType)) {
    throw new Error(`property nodeType must be a node type of ElastiCache, for example "cache.t4g.micro", got ${JSON.stringify(nodeType)}`);
  }
  if (Token.isUnresolved(replicas)) {
    throw new Error('property replicas must be known at synthesis, got a token: automatic fail-over depends on it');
  }
  validateWholeNumber('replicas', replicas, 0, MOST_REPLICAS);
  if (multiAz && replicas === 0) {
    throw new Error('property multiAz must be left out or false without replicas, got true: give replicas as well, 1 or more');
  }
  if (!snapshotRetention) { return; }
  validateWhole('snapshotRetention', snapshotRetention, 'days');
  if (!snapshotRetention.isUnresolved()) { validateWholeNumber('snapshotRetention', snapshotRetention.toDays(), 1, MOST_DAYS); }
}
