import { UserError } from '../../errors';
import { DEFAULT_SECURITY_GROUP } from '../../isolation/security-groups';
import { Family } from '../realised-resources';
import type { Context, Created, Resource, ResourceType, StackResource } from '../resource';
import type { Properties } from '../template';
import type { PropertyTable } from './property-table';

interface CacheParameterGroup {
  readonly family: string;
  readonly parameters: Record<string, string>;
}

/** By name. */
const PARAMETER_GROUPS = new Family<CacheParameterGroup>('not in this template');

/** They bring data, users or a place that nothing local has. */
const REFUSED = ['GlobalReplicationGroupId', 'NodeGroupConfiguration', 'PrimaryClusterId', 'ReplicasPerNodeGroup', 'SnapshotArns', 'SnapshotName', 'UserGroupIds'];

const DIRECTIONS = /north|south|east|west|central/g;

function createParameterGroup({ logicalId, properties }: Resource, context: Context): Created {
  const name = context.names.physicalName(logicalId).toLowerCase();
  const parameters = Object.entries((properties.Properties ?? {}) as Properties).map(([key, value]) => [key, String(value)]);
  context.realised.add(PARAMETER_GROUPS, name, {
    family: String(properties.CacheParameterGroupFamily), parameters: Object.fromEntries(parameters) as Record<string, string>,
  });
  return { ref: name, attributes: { CacheParameterGroupName: name } };
}

async function createReplicationGroup({ logicalId, properties }: Resource, context: Context): Promise<Created> {
  const { parameters } = parameterGroup(properties, context);
  refuse(properties, parameters);
  const { region } = context.names.awsEnvironment;
  const id = String(properties.ReplicationGroupId ?? context.names.physicalName(logicalId, 40)).toLowerCase();
  const { primary, reader, port } = await context.cloud.caches.create({
    identifier: context.names.localName(logicalId),
    domain: `${id}.${context.names.hash(logicalId, 'cache', 6)}.${shortName(region)}.cache.amazonaws.com`,
    port: Number(properties.Port ?? 6379),
    password: String(properties.AuthToken),
    parameters,
    securityGroups: (properties.SecurityGroupIds as string[] | undefined) ?? [DEFAULT_SECURITY_GROUP],
  });
  return {
    ref: id,
    attributes: {
      'PrimaryEndPoint.Address': primary, 'PrimaryEndPoint.Port': String(port), 'ReaderEndPoint.Address': reader, 'ReaderEndPoint.Port': String(port),
    },
  };
}

function parameterGroup({ Engine, EngineVersion, CacheParameterGroupName }: Properties, context: Context): CacheParameterGroup {
  const family = `${String(Engine)}${String(EngineVersion).split('.')[0]}`;
  if (CacheParameterGroupName === undefined || String(CacheParameterGroupName).startsWith('default.')) return { family, parameters: {} };
  const group = context.realised.require(PARAMETER_GROUPS, CacheParameterGroupName, 'its parameter group');
  if (group.family !== family) throw new UserError(`its parameter group is of the family ${group.family}, which is not that of the engine, ${family}`);
  return group;
}

/** What cannot be realised, and what ElastiCache refuses. */
function refuse(properties: Properties, parameters: Record<string, string>): void {
  const says = (name: string) => String(properties[name]) === 'true';
  const refused = REFUSED.find(name => properties[name] !== undefined);
  if (refused) throw new UserError(`"${refused}" cannot be realised locally; leave it out to run this template locally`);
  const engine = String(properties.Engine);
  if (!['redis', 'valkey'].includes(engine)) throw new UserError(`its Engine is ${JSON.stringify(engine)}; the local runner has redis, valkey`);
  if (Number(properties.NumNodeGroups ?? 1) !== 1 || !['undefined', 'disabled'].includes(String(properties.ClusterMode)) || parameters['cluster-enabled'] === 'yes') {
    throw new UserError('it has cluster mode enabled; the local runner has servers with one shard');
  }
  if (!says('TransitEncryptionEnabled') || properties.AuthToken === undefined) {
    throw new UserError('it has no TransitEncryptionEnabled or no AuthToken; the local runner has servers with both');
  }
  if (!/^[A-Za-z0-9!&#$^<>-]{16,128}$/.test(String(properties.AuthToken))) {
    throw new UserError('Invalid AuthToken provided: it has to have 16 to 128 letters, digits and characters of !&#$^<>-');
  }
  const nodes = Number(properties.NumCacheClusters ?? 1);
  if (says('AutomaticFailoverEnabled') && nodes < 2) throw new UserError('Replication group with automatic failover must have at least 1 replica: raise NumCacheClusters');
  if (says('MultiAZEnabled') && !says('AutomaticFailoverEnabled')) throw new UserError('Multi-AZ needs AutomaticFailoverEnabled');
}

/** `use1`, as ElastiCache's host names have it. */
function shortName(region: string): string {
  const [continent, directions, number] = region.split('-').slice(-3);
  return `${continent}${(directions.match(DIRECTIONS) ?? []).map(([letter]) => letter).join('')}${number}`;
}

async function deleteReplicationGroup({ logicalId }: StackResource, { cloud, names }: Context): Promise<void> {
  await cloud.caches.delete(names.localName(logicalId));
}

const ONE_NODE = { harmless: 'there is one server, which is started again when it ends' };
const NOT_VISIBLE = { harmless: 'not visible to whoever uses the cache' };

const UPDATES = {
  AutoMinorVersionUpgrade: { harmless: 'the runner brings one version' },
  AutomaticFailoverEnabled: ONE_NODE,
  CacheNodeType: { harmless: 'the cache has what the machine has' },
  EngineVersion: { harmless: 'the runner brings one version' },
  LogDeliveryConfigurations: { harmless: 'logs are files of the log folder' },
  MultiAZEnabled: ONE_NODE,
  NotificationTopicArn: NOT_VISIBLE,
  NumCacheClusters: ONE_NODE,
  PreferredMaintenanceWindow: { harmless: 'nobody maintains it' },
  ReplicationGroupDescription: NOT_VISIBLE,
  SnapshotRetentionLimit: { harmless: 'there are no snapshots here' },
  SnapshotWindow: { harmless: 'there are no snapshots here' },
  Tags: NOT_VISIBLE,
} satisfies PropertyTable;

export const CACHE_PARAMETER_GROUP: ResourceType = {
  create: createParameterGroup,
  updates: { Description: NOT_VISIBLE, Tags: NOT_VISIBLE },
  delete: ({ physicalId }, { realised }) => realised.remove(PARAMETER_GROUPS, physicalId),
};

/** ElastiCache for Valkey or Redis with cluster mode disabled. */
export const REPLICATION_GROUP: ResourceType = {
  create: createReplicationGroup,
  update: (_resource, _context, { physicalId, attributes }) => ({ ref: physicalId, attributes }),
  updates: UPDATES,
  delete: deleteReplicationGroup,
  nameProperty: 'ReplicationGroupId',
};
