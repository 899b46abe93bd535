import type { DependencyGraph } from './dependencies';
import { inOrder, reversed } from './in-order';
import type { StackResource } from './resource';
import type { DeletionPolicy } from './template';
import { reported, type Work } from './work';
import { UserError } from '../errors';

/** Why something is deleted: it is no longer in the template, another one stands for it, or the deployment that made it has failed. */
export type Cause = 'removed' | 'replaced' | 'rolled back';

/** Deletes dependents first. A failure undoes nothing: what could not be deleted stays, and an event says so. */
export async function cleanUp(superfluous: readonly (StackResource & { readonly cause: Cause })[], work: Work): Promise<void> {
  const byKey = new Map(superfluous.map(resource => [`${resource.logicalId} ${resource.generation}`, resource]));
  const graph: DependencyGraph = new Map([...byKey].map(([key, { dependencies }]) => [
    key, new Set([...byKey].filter(([other, { logicalId }]) => other !== key && dependencies.includes(logicalId)).map(([other]) => other)),
  ]));
  await inOrder(reversed(graph), async key => {
    const { cause, ...resource } = byKey.get(key)!;
    await remove(resource, policyOf(resource, cause), work);
    const { state } = work;
    state.setSuperfluous(state.superfluous.filter(({ logicalId, generation }) => `${logicalId} ${generation}` !== key));
  });
}

async function remove(resource: StackResource, policy: DeletionPolicy, work: Work): Promise<void> {
  const { logicalId, type: typeName, physicalId, generation } = resource;
  const about = { logicalId, type: typeName, physicalId };
  if (policy === 'Retain') {
    work.report({ ...about, status: 'DELETE_SKIPPED' });
    return;
  }
  const type = work.typeOf(typeName);
  const context = { ...work.context, names: work.context.names.ofGeneration(generation) };
  await reported(work, 'DELETE', about, async () => {
    if (policy === 'Snapshot' && !type.snapshot) {
      throw new UserError('the local runner takes no snapshot of it; it is still there');
    }
    await (policy === 'Snapshot' ? type.snapshot : type.delete)?.(resource, context);
  }).catch(() => {});
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
