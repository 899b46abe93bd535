import { parsePolicy } from '../../iam/policy';
import type { Context, Created, Resource } from '../resource';
import { createNamed } from './not-realised';

/** Nothing is encrypted with it, but who could use it is judged. */
export function createKey(resource: Resource, context: Context): Created {
  const created = createNamed(resource, context);
  if (resource.properties.KeyPolicy !== undefined) {
    context.cloud.iam.putResourcePolicy(String(created.attributes.Arn), parsePolicy(resource.logicalId, resource.properties.KeyPolicy));
  }
  return created;
}

/** ARN of a customer managed key by its ARN or id. An alias says nothing here: its key is not in the template. */
export function keyArn(reference: unknown, { names }: Context): string | undefined {
  const id = reference === undefined ? '' : String(reference);
  if (id === '' || /(^|:)alias\//.test(id)) {
    return undefined;
  }
  return id.startsWith('arn:') ? id : names.arn('kms', `key/${id}`);
}
