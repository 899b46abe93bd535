import type { Created, Context, Resource, ResourceType } from '../resource';
import { checkProperties, type PropertyTable } from './property-table';

const FOR_PEOPLE = { harmless: 'for people only' };

export const PARAMETER_PROPERTIES = {
  AllowedPattern: { harmless: 'nobody else puts a value' },
  DataType: { harmless: 'every value is text here' },
  Description: FOR_PEOPLE,
  Name: 'supported',
  Policies: 'unsupported',
  Tags: FOR_PEOPLE,
  Tier: { harmless: 'there are no limits' },
  Type: 'supported',
  Value: 'supported',
} satisfies PropertyTable;

function putParameter({ logicalId, properties }: Resource, context: Context): Created {
  checkProperties(properties, PARAMETER_PROPERTIES, `parameter "${logicalId}"`);
  const name = String(properties.Name ?? context.names.physicalName(logicalId));
  const arn = context.names.arn('ssm', `parameter/${name.replace(/^\//, '')}`);
  const [type, value] = [String(properties.Type), String(properties.Value)];
  context.cloud.parameters.put({ arn, name, type, value });
  return { ref: name, attributes: { Type: type, Value: value } };
}

export const PARAMETER: ResourceType = {
  create: putParameter,
  update: putParameter,
  updates: PARAMETER_PROPERTIES,
  delete: ({ physicalId }, { cloud }) => cloud.parameters.delete(physicalId),
  nameProperty: 'Name',
};
