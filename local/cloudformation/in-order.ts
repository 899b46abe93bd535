import type { DependencyGraph } from './dependencies';

/**
 * Does the work for each node after that of what it depends on; what does not depend on each other at the same time. After a
 * failure nothing more begins; rejects with the first one when all that had begun has ended.
 */
export async function inOrder(graph: DependencyGraph, work: (node: string) => Promise<void>): Promise<void> {
  const promises = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const visit = (node: string): Promise<void> => {
    const promise = promises.get(node) ?? begin(node);
    promises.set(node, promise);
    return promise;
  };
  const begin = async (node: string): Promise<void> => {
    await Promise.all([...graph.get(node)!].map(visit));
    if (failures.length > 0) return;
    await work(node).catch(error => failures.push(error));
  };
  await Promise.all([...graph.keys()].map(visit));
  if (failures.length > 0) throw failures[0];
}

/** Dependents first. */
export function reversed(graph: DependencyGraph): DependencyGraph {
  const result = new Map([...graph.keys()].map(node => [node, new Set<string>()]));
  for (const [node, dependencies] of graph) {
    dependencies.forEach(dependency => result.get(dependency)?.add(node));
  }
  return result;
}
