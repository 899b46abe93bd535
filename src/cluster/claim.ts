import { IConstruct } from 'constructs';

const owners = new WeakMap<IConstruct, Map<string, IConstruct>>();

/**
 * Remembers that a deployment needs something for itself alone, and finds another one of the same app that does, which would otherwise be found
 * on AWS, or by lost data.
 *
 * @param what key of the thing; names of resources that the app defines are tokens, which are the same text wherever they are used
 * @returns who has claimed it before
 */
export function claim(owner: IConstruct, what: string): IConstruct | undefined {
  const claims = owners.get(owner.node.root) ?? new Map<string, IConstruct>();
  owners.set(owner.node.root, claims);
  const other = claims.get(what);
  claims.set(what, other ?? owner);
  return other === owner ? undefined : other;
}
