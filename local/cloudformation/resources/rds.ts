import { UserError } from '../../errors';
import { DEFAULT_SECURITY_GROUP } from '../../isolation/security-groups';
import type { DatabaseEndpoint } from '../../postgres/definitions';
import { Family } from '../realised-resources';
import type { Context, Created, Resource, ResourceType, StackResource } from '../resource';
import type { Properties } from '../template';
import type { PropertyTable } from './property-table';

export interface Database extends DatabaseEndpoint {
  readonly identifier: string;
  readonly databaseName?: string;
  readonly kind: 'cluster' | 'instance';
}

/** By identifier of the cluster or instance. */
export const DATABASES = new Family<Database>('not a database of this template');
/** By name. */
const PARAMETER_GROUPS = new Family<Record<string, string>>('not in this template');

/** They bring data, a password or an engine that nothing local has. */
const REFUSED = [
  'DBClusterSnapshotIdentifier', 'DBSnapshotIdentifier', 'GlobalClusterIdentifier', 'ManageMasterUserPassword', 'ReplicationSourceIdentifier',
  'SnapshotIdentifier', 'SourceDBClusterIdentifier', 'SourceDBInstanceIdentifier',
];

const POSTGRES_PORT = 5432;

function createParameterGroup({ logicalId, properties }: Resource, context: Context): Created {
  const name = context.names.physicalName(logicalId).toLowerCase();
  const parameters = Object.entries((properties.Parameters ?? {}) as Properties).map(([key, value]) => [key, String(value)]);
  context.realised.add(PARAMETER_GROUPS, name, Object.fromEntries(parameters) as Record<string, string>);
  return { ref: name, attributes: { DBParameterGroupName: name } };
}

async function createDatabaseCluster(resource: Resource, context: Context): Promise<Created> {
  const { logicalId, properties } = resource;
  const database = await createDatabase(resource, context, 'cluster', {
    engines: ['aurora-postgresql'],
    identifier: properties.DBClusterIdentifier,
    databaseName: properties.DatabaseName,
    parameterGroup: properties.DBClusterParameterGroupName,
    securityGroups: properties.VpcSecurityGroupIds,
  });
  return {
    ref: database.identifier,
    attributes: {
      'DBClusterArn': context.names.arn('rds', `cluster:${database.identifier}`),
      'DBClusterResourceId': `cluster-${context.names.hash(logicalId, 'cluster', 26).toUpperCase()}`,
      'Endpoint.Address': database.address,
      'Endpoint.Port': String(database.port),
      'ReadEndpoint.Address': database.address,
    },
  };
}

async function createDatabaseInstance(resource: Resource, context: Context): Promise<Created> {
  const { logicalId, properties } = resource;
  if (properties.DBClusterIdentifier === undefined) {
    return instance(resource, context, await createDatabase(resource, context, 'instance', {
      engines: ['postgres'],
      identifier: properties.DBInstanceIdentifier,
      databaseName: properties.DBName,
      parameterGroup: properties.DBParameterGroupName,
      securityGroups: properties.VPCSecurityGroups,
    }));
  }
  const cluster = context.realised.get(DATABASES, properties.DBClusterIdentifier);
  if (!cluster) {
    throw new UserError(`its DBClusterIdentifier ${JSON.stringify(properties.DBClusterIdentifier)} is not a cluster of this template`);
  }
  // the cluster is the one PostgreSQL server; its instances are further names of it
  const identifier = String(properties.DBInstanceIdentifier ?? context.names.physicalName(logicalId, 63).toLowerCase());
  return {
    ...instance(resource, context, { ...cluster, identifier }),
    ...(properties.DBParameterGroupName !== undefined && {
      notRealised: { meaning: 'the parameter group of a single instance is not applied, that of its cluster is', matters: true },
    }),
  };
}

function instance({ logicalId }: Resource, context: Context, database: Database): Created {
  return {
    ref: database.identifier,
    attributes: {
      'DBInstanceArn': context.names.arn('rds', `db:${database.identifier}`),
      'DbiResourceId': `db-${context.names.hash(logicalId, 'instance', 26).toUpperCase()}`,
      'Endpoint.Address': database.address,
      'Endpoint.Port': String(database.port),
    },
  };
}

const NOT_VISIBLE = { harmless: 'not visible to whoever uses the database' };
const NO_BACKUPS = { harmless: 'there are no backups here' };
const NO_CAPACITY = { harmless: 'the database has what the machine has' };

/** Of clusters and instances. */
const UPDATES = {
  AllocatedStorage: NO_CAPACITY,
  AutoMinorVersionUpgrade: { harmless: 'the runner brings one version' },
  BackupRetentionPeriod: NO_BACKUPS,
  CopyTagsToSnapshot: NO_BACKUPS,
  DBInstanceClass: NO_CAPACITY,
  DatabaseInsightsMode: NOT_VISIBLE,
  DeleteAutomatedBackups: NO_BACKUPS,
  DeletionProtection: { harmless: 'read when it is to be deleted' },
  EnableCloudwatchLogsExports: { harmless: 'logs are files of the log folder' },
  EnableHttpEndpoint: NOT_VISIBLE,
  EnablePerformanceInsights: NOT_VISIBLE,
  MasterUserPassword: 'supported',
  MaxAllocatedStorage: NO_CAPACITY,
  MonitoringInterval: NOT_VISIBLE,
  MonitoringRoleArn: NOT_VISIBLE,
  PerformanceInsightsEnabled: NOT_VISIBLE,
  PerformanceInsightsRetentionPeriod: NOT_VISIBLE,
  PreferredBackupWindow: NO_BACKUPS,
  PreferredMaintenanceWindow: { harmless: 'nobody maintains it' },
  PromotionTier: { harmless: 'there is one server' },
  PubliclyAccessible: { harmless: 'nothing is open to others' },
  ScalingConfiguration: NO_CAPACITY,
  ServerlessV2ScalingConfiguration: NO_CAPACITY,
  StorageType: NO_CAPACITY,
  Tags: NOT_VISIBLE,
} satisfies PropertyTable;

export const PARAMETER_GROUP: ResourceType = {
  create: createParameterGroup,
  updates: { Tags: NOT_VISIBLE },
  delete: ({ physicalId }, { realised }) => realised.remove(PARAMETER_GROUPS, physicalId),
};

/** What clusters and instances have in common once they are there. */
const DATABASE = {
  update: updateDatabase,
  updates: UPDATES,
  delete: async (before, context) => deleteDatabase(before, context),
  snapshot: async (before, context) => deleteDatabase(before, context, snapshotName(before, context)),
} satisfies Partial<ResourceType>;

export const DATABASE_CLUSTER: ResourceType = { ...DATABASE, create: createDatabaseCluster, nameProperty: 'DBClusterIdentifier' };

export const DATABASE_INSTANCE: ResourceType = { ...DATABASE, create: createDatabaseInstance, nameProperty: 'DBInstanceIdentifier' };

/** Of what can change only the password is seen by anybody. An instance of a cluster has none. */
async function updateDatabase(
  { logicalId, properties }: Resource, context: Context, { physicalId, attributes, notRealised }: StackResource,
): Promise<Created> {
  if (properties.MasterUserPassword !== undefined) {
    await context.cloud.databases.setPassword(context.names.localName(logicalId), String(properties.MasterUserPassword));
  }
  return { ref: physicalId, attributes, ...notRealised && { notRealised } };
}

async function deleteDatabase({ logicalId, physicalId, properties, type }: StackResource, context: Context, snapshot?: string): Promise<void> {
  const isMember = type === 'AWS::RDS::DBInstance' && properties.DBClusterIdentifier !== undefined;
  if (String(properties.DeletionProtection) === 'true') {
    throw new UserError(`Cannot delete protected ${type === 'AWS::RDS::DBCluster' ? 'Cluster' : 'DB Instance'}, please disable deletion protection and try again.`);
  }
  if (!isMember) await context.cloud.databases.delete(context.names.localName(logicalId), snapshot);
  context.realised.remove(DATABASES, physicalId);
}

function snapshotName({ logicalId }: StackResource, { names }: Context): string {
  return `${names.stack}-snapshot-${logicalId}-${names.hash(logicalId, 'snapshot', 12)}`.toLowerCase();
}

interface DatabaseOptions {
  readonly engines: string[];
  readonly identifier: unknown;
  readonly databaseName: unknown;
  readonly parameterGroup: unknown;
  readonly securityGroups: unknown;
}

async function createDatabase(
  { logicalId, properties }: Resource, context: Context, kind: Database['kind'], { engines, ...options }: DatabaseOptions,
): Promise<Database> {
  const refused = REFUSED.find(name => properties[name] !== undefined && properties[name] !== false);
  if (refused) {
    throw new UserError(`"${refused}" cannot be realised locally; leave it out to run this template locally`);
  }
  const engine = String(properties.Engine);
  if (!engines.includes(engine)) {
    throw new UserError(`its Engine is ${JSON.stringify(engine)}; the local runner has ${engines.join(', ')}`);
  }
  const required = (name: string) => {
    if (properties[name] === undefined) {
      throw new UserError(`it needs "${name}"`);
    }
    return String(properties[name]);
  };
  const databaseName = options.databaseName === undefined ? undefined : String(options.databaseName);
  const endpoint = await context.cloud.databases.create({
    identifier: context.names.localName(logicalId),
    engineVersion: required('EngineVersion'),
    masterUsername: required('MasterUsername'),
    masterPassword: required('MasterUserPassword'),
    port: Number(properties.Port ?? POSTGRES_PORT),
    databaseName,
    parameters: parametersOf(options.parameterGroup, context),
    securityGroups: (options.securityGroups as string[] | undefined) ?? [DEFAULT_SECURITY_GROUP],
  });
  const identifier = String(options.identifier ?? context.names.physicalName(logicalId, 63).toLowerCase());
  const database = { ...endpoint, identifier, databaseName, kind };
  context.realised.add(DATABASES, identifier, database);
  return database;
}

function parametersOf(group: unknown, context: Context): Record<string, string> {
  if (group === undefined || String(group).startsWith('default.')) {
    return {};
  }
  return context.realised.require(PARAMETER_GROUPS, group, 'its parameter group');
}
