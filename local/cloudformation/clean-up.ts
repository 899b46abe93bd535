import type { DependencyGraph } from './dependencies';
import { inOrder, reversed } from './in-order';
import type { StackResource } from './resource';
import type { DeletionPolicy } from './template';
import { reported, type Work } from './work';
import { UserError } from '../errors';

/** Why something is deleted: it is no longer in the template, another one stands for it, or the deployment that made it has failed. */
export type Cause = 'removed' | 'replaced' | 'rolled back';

/**
 * Deletes dependents first, and gives what is left. A failure undoes nothing: what could not be deleted stays, and an event says so;
 * with `careful` what that depends on stays as well, so that it can be tried again.
 */
export async function cleanUp(
  superfluous: readonly (StackResource & { readonly cause: Cause })[], work: Work, { careful = false } = {},
): Promise<StackResource[]> {
  const left = new Map<string, StackResource>();
  const byKey = new Map(superfluous.map(resource => [`${resource.logicalId} ${resource.generation}`, resource]));
  const graph: DependencyGraph = new Map([...byKey].map(([key, { dependencies }]) => [
    key, new Set([...byKey].filter(([other, { logicalId }]) => other !== key && dependencies.includes(logicalId)).map(([other]) => other)),
  ]));
  const dependents = reversed(graph);
  await inOrder(dependents, async key => {
    const { cause, ...resource } = byKey.get(key)!;
    const isNeeded = careful && [...dependents.get(key)!].some(dependent => left.has(dependent));
    if (isNeeded || !await remove(resource, policyOf(resource, cause), work)) left.set(key, resource);
    else work.state.forget(resource);
  });
  return [...left.values()];
}

/** Whether nothing of it is left that the stack has to know of. */
async function remove(resource: StackResource, policy: DeletionPolicy, work: Work): Promise<boolean> {
  const { logicalId, type: typeName, physicalId, generation } = resource;
  const about = { logicalId, type: typeName, physicalId };
  if (policy === 'Retain') {
    work.report({ ...about, status: 'DELETE_SKIPPED' });
    return true;
  }
  const type = work.typeOf(typeName);
  const context = { ...work.context, names: work.context.names.ofGeneration(generation) };
  return reported(work, 'DELETE', about, async () => {
    if (policy === 'Snapshot' && !type.snapshot) {
      throw new UserError('the local runner takes no snapshot of it; it is still there');
    }
    await (policy === 'Snapshot' ? type.snapshot : type.delete)?.(resource, context);
  }).then(() => true, () => false);
}

function policyOf({ type, properties, deletionPolicy, updateReplacePolicy }: StackResource, cause: Cause): DeletionPolicy {
  if (cause === 'replaced') return updateReplacePolicy ?? 'Delete';
  const policy = deletionPolicy ?? (takesSnapshots(type, properties) ? 'Snapshot' : 'Delete');
  if (cause === 'rolled back') return policy === 'Retain' ? 'Retain' : 'Delete'; // there is nothing in it yet
  return policy === 'RetainExceptOnCreate' ? 'Retain' : policy;
}

/** Where CloudFormation does so without being told. */
function takesSnapshots(type: string, { DBClusterIdentifier }: StackResource['properties']): boolean {
  return type === 'AWS::RDS::DBCluster' || (type === 'AWS::RDS::DBInstance' && DBClusterIdentifier === undefined);
}
