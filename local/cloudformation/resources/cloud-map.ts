import { UserError } from '../../errors';
import { Family } from '../realised-resources';
import type { Context, Created, Resource, ResourceType } from '../resource';
import { checkProperties, type PropertyTable } from './property-table';

/** Names of private DNS namespaces by their id. */
const NAMESPACES = new Family<string>('not a private DNS namespace of this template');
/** Ids of private DNS namespaces by their name. */
const NAMESPACE_IDS = new Family<string>('no name of a private DNS namespace');
/** `webserver.airflow` by the ARN of the Cloud Map service. */
export const PRIVATE_NAMES = new Family<string>('not a Cloud Map service of this template');

function createPrivateDnsNamespace({ logicalId, properties }: Resource, context: Context): Created {
  const id = context.names.id('ns', logicalId, 16);
  const name = String(properties.Name);
  if ((context.realised.get(NAMESPACE_IDS, name) ?? id) !== id) {
    throw new UserError(`there is a private DNS namespace "${name}" already: all tasks here have one list of names, so each needs another name, also in VPCs of their own`);
  }
  context.realised.add(NAMESPACES, id, name);
  context.realised.add(NAMESPACE_IDS, name, id);
  return {
    ref: id,
    attributes: {
      Id: id,
      Arn: context.names.arn('servicediscovery', `namespace/${id}`),
      HostedZoneId: `Z${context.names.hash(logicalId, 'zone', 20).toUpperCase()}`,
    },
  };
}

export const CLOUD_MAP_SERVICE_PROPERTIES = {
  Description: { harmless: 'only for people' },
  DnsConfig: 'supported',
  HealthCheckConfig: 'unsupported',
  HealthCheckCustomConfig: { harmless: 'names always follow the running tasks' },
  Name: 'supported',
  NamespaceId: 'supported',
  ServiceAttributes: { harmless: 'not visible in a container' },
  Tags: { harmless: 'not visible in a container' },
  Type: 'unsupported',
} satisfies PropertyTable;

function createCloudMapService({ logicalId, properties }: Resource, context: Context): Created {
  const where = `Cloud Map service "${logicalId}"`;
  checkProperties(properties, CLOUD_MAP_SERVICE_PROPERTIES, where);
  const { NamespaceId, DnsRecords = [] } = (properties.DnsConfig ?? {}) as { NamespaceId?: string; DnsRecords?: { Type: string }[] };
  const namespaceId = String(properties.NamespaceId ?? NamespaceId);
  const namespace = context.realised.require(NAMESPACES, namespaceId, 'its namespace');
  const other = DnsRecords.find(({ Type }) => Type !== 'A');
  if (other || DnsRecords.length === 0) {
    throw new UserError(`its DNS records have type ${other?.Type ?? 'none'}; only A can be realised locally`);
  }
  const name = String(properties.Name ?? context.names.physicalName(logicalId));
  const id = context.names.id('srv', logicalId, 16);
  const arn = context.names.arn('servicediscovery', `service/${id}`);
  context.realised.add(PRIVATE_NAMES, arn, `${name}.${namespace}`);
  return { ref: id, attributes: { Id: id, Arn: arn, Name: name } };
}

export const PRIVATE_DNS_NAMESPACE: ResourceType = {
  create: createPrivateDnsNamespace,
  updates: { Description: { harmless: 'only for people' }, Properties: { harmless: 'names follow the running tasks at once' }, Tags: { harmless: 'not visible in a container' } },
  delete({ physicalId, properties }, { realised }) {
    realised.remove(NAMESPACES, physicalId);
    realised.remove(NAMESPACE_IDS, String(properties.Name));
  },
  nameProperty: 'Name',
};

export const CLOUD_MAP_SERVICE: ResourceType = {
  create: createCloudMapService,
  update: createCloudMapService,
  updates: CLOUD_MAP_SERVICE_PROPERTIES,
  delete: ({ attributes }, { realised }) => realised.remove(PRIVATE_NAMES, String(attributes.Arn)),
  nameProperty: 'Name',
};
