import { cleanUp } from './clean-up';
import { inOrder } from './in-order';
import type { Created, StackResource } from './resource';
import { changeInPlace, differs, reported, type Work } from './work';

/** A stack as it was before a deployment. */
export interface Before {
  readonly resources: ReadonlyMap<string, StackResource>;
  readonly alive: ReadonlyMap<string, Created>;
}

/**
 * Restores what a failed deployment has changed, in the order of dependencies as CloudFormation does (a service needs its old role before
 * its old tasks start); what was replaced is still there. Rejects with the first failure. What is skipped counts as restored.
 */
export async function restore(before: Before, work: Work, skip: readonly string[] = []): Promise<void> {
  const { state, alive } = work;
  const graph = new Map([...before.resources].map(([logicalId, { dependencies }]) => [
    logicalId, new Set(dependencies.filter(dependency => before.resources.has(dependency))),
  ]));
  await inOrder(graph, async logicalId => {
    const target = before.resources.get(logicalId)!;
    const now = state.get(logicalId)!;
    if (now.generation === target.generation && (now.unfinished || differs(now, target)) && !skip.includes(logicalId)) {
      alive.set(logicalId, await restoreOne(target, now, work));
    } else {
      if (now.generation !== target.generation) work.report({ logicalId, type: target.type, physicalId: target.physicalId, status: 'UPDATE_COMPLETE' });
      alive.set(logicalId, before.alive.get(logicalId)!);
    }
  });
}

/** What the failed deployment has made goes; call it when everything is restored. Gives what could not be deleted. */
export async function forgetFailed(before: Before, work: Work): Promise<StackResource[]> {
  const { state, alive } = work;
  const made = state.all().filter(({ logicalId, generation }) => before.resources.get(logicalId)?.generation !== generation);
  for (const { logicalId } of made.filter(resource => !before.resources.has(resource.logicalId))) {
    state.delete(logicalId);
    alive.delete(logicalId);
  }
  before.resources.forEach(resource => state.set(resource));
  state.setSuperfluous(made);
  const left = await cleanUp(made.map(resource => ({ ...resource, cause: 'rolled back' })), work);
  state.setSuperfluous([]);
  return left;
}

async function restoreOne(target: StackResource, now: StackResource, work: Work): Promise<Created> {
  const { logicalId, type, properties: unresolved, generation } = target;
  return reported(work, 'UPDATE', { logicalId, type, physicalId: now.physicalId }, async () => {
    const { context } = work;
    const properties = await context.resolveDynamicReferences(unresolved);
    const names = context.names.ofGeneration(generation);
    return changeInPlace(work.typeOf(type), { logicalId, type, properties, unresolved }, { ...context, names }, now);
  });
}
