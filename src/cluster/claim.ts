import { IConstruct } from 'constructs';

interface Claim {
  readonly owner: IConstruct;
  readonly path: string;
}

const claims = new WeakMap<IConstruct, Map<string, Claim[]>>();

/**
 * Remembers that a deployment needs something for itself alone, and finds another one of the same app that does, which would otherwise be found
 * on AWS, or by lost data.
 *
 * @param what key of the thing; names of resources that the app defines are tokens, which are the same text wherever they are used
 * @param path the part of it that is needed, with all that is below
 * @returns who has claimed it, or what is above or below, before
 */
export function claim(owner: IConstruct, what: string, path = ''): IConstruct | undefined {
  const ofApp = claims.get(owner.node.root) ?? new Map<string, Claim[]>();
  claims.set(owner.node.root, ofApp);
  const earlier = ofApp.get(what) ?? [];
  ofApp.set(what, [...earlier, { owner, path }]);
  return earlier.find(other => other.owner !== owner && (contains(other.path, path) || contains(path, other.path)))?.owner;
}

function contains(path: string, other: string): boolean {
  return path === '' || `${other}/`.startsWith(`${path}/`);
}
