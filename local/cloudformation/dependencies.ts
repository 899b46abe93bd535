import { UserError } from '../errors';
import { getAttArguments, subParts } from './intrinsics';
import type { ResourceDeclaration } from './template';

/** Logical ids that each resource waits for. */
export type DependencyGraph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What CloudFormation orders by: `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`.
 *
 * @param resources those that are made
 * @param declared every logical id of the template: depending on one that its condition removed is allowed
 */
export function dependencyGraph(resources: Record<string, ResourceDeclaration>, declared: Iterable<string>): DependencyGraph {
  const known = new Set(declared);
  const graph = new Map<string, Set<string>>();
  for (const [logicalId, resource] of Object.entries(resources)) {
    const dependsOn = [resource.DependsOn ?? []].flat();
    const unknown = dependsOn.find(dependency => !known.has(dependency));
    if (unknown !== undefined) {
      throw new UserError(`resource "${logicalId}" depends on "${unknown}", which is not in the template`);
    }
    const dependencies = new Set([...dependsOn, ...references(resource.Properties)].filter(dependency => Object.hasOwn(resources, dependency)));
    graph.set(logicalId, dependencies);
  }
  refuseCircles(graph);
  return graph;
}

function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === 'Ref' && typeof member === 'string') {
      yield member;
    } else if (key === 'Fn::GetAtt') {
      const logicalId = getAttArguments(member)?.[0];
      if (logicalId !== undefined) {
        yield logicalId;
      }
    } else if (key === 'Fn::Sub') {
      const template: unknown = Array.isArray(member) ? member[0] : member;
      for (const { name } of subParts(String(template))) {
        if (name !== undefined) {
          yield name.split('.')[0];
        }
      }
    }
    yield* references(member);
  }
}

function refuseCircles(graph: DependencyGraph): void {
  const done = new Set<string>();
  const visit = (logicalId: string, trail: string[]): void => {
    if (trail.includes(logicalId)) {
      throw new UserError(`resources depend on each other in a circle: ${[...trail.slice(trail.indexOf(logicalId)), logicalId].join(' -> ')}`);
    }
    if (!done.has(logicalId)) {
      for (const dependency of graph.get(logicalId) ?? []) {
        visit(dependency, [...trail, logicalId]);
      }
      done.add(logicalId);
    }
  };
  for (const logicalId of graph.keys()) {
    visit(logicalId, []);
  }
}
