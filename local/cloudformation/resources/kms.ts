import { parsePolicy } from '../../iam/policy';
import type { Context, ResourceType } from '../resource';
import { createNamed } from './not-realised';

/** Nothing is encrypted with it, but who could use it is judged. */
export const KEY: ResourceType = {
  create(resource, context) {
    const created = createNamed(resource, context);
    const arn = String(created.attributes.Arn);
    if (resource.properties.KeyPolicy === undefined) context.cloud.iam.deleteResourcePolicy(arn);
    else context.cloud.iam.putResourcePolicy(arn, parsePolicy(resource.logicalId, resource.properties.KeyPolicy));
    return created;
  },
  delete: ({ attributes }, { cloud }) => cloud.iam.deleteResourcePolicy(String(attributes.Arn)),
};

/** ARN of a customer managed key by its ARN or id. An alias says nothing here: its key is not in the template. */
export function keyArn(reference: unknown, { names }: Context): string | undefined {
  const id = reference === undefined ? '' : String(reference);
  if (id === '' || /(^|:)alias\//.test(id)) {
    return undefined;
  }
  return id.startsWith('arn:') ? id : names.arn('kms', `key/${id}`);
}
