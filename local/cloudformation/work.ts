import { performance } from 'node:perf_hooks';
import { changeOf } from './changes';
import type { Context, Created, Resource, ResourceType, StackResource } from './resource';
import type { ResourceEvent } from './stack-events';
import type { StackState } from './stack-state';

/** What the steps of a deployment share. */
export interface Work {
  readonly state: StackState;
  /** What stands for the resources in this engine, by logical id. */
  readonly alive: Map<string, Created>;
  readonly context: Context;
  readonly typeOf: (type: string) => ResourceType;
  readonly report: (event: ResourceEvent) => void;
}

interface Described {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly reason?: string;
}

/** Tells begin and end of a step. `wordsOf` says why it failed; nothing where that is only a consequence. */
export async function reported<T extends Created | void>(
  { context, report }: Work, verb: 'CREATE' | 'UPDATE' | 'DELETE' | 'START', { reason, ...described }: Described, step: () => T | Promise<T>,
  wordsOf = (error: Error): string | undefined => error.message,
): Promise<T> {
  const path = context.stack.paths.get(described.logicalId);
  const event = { ...described, ...path !== undefined && { path } };
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  report({ ...event, status: `${verb}_IN_PROGRESS`, ...reason !== undefined && { reason } });
  try {
    const result = await step();
    const physicalId = result?.ref ?? described.physicalId;
    report({ ...event, ...physicalId !== undefined && { physicalId }, status: `${verb}_COMPLETE`, seconds: seconds() });
    return result;
  } catch (error) {
    const words = wordsOf(error as Error);
    if (words !== undefined) report({ ...event, status: `${verb}_FAILED`, seconds: seconds(), reason: words });
    throw error;
  }
}

/** Brings a resource that is there to another state. */
export async function changeInPlace(type: ResourceType, resource: Resource, context: Context, before: StackResource): Promise<Created> {
  if (type.update) return type.update(resource, context, before);
  return before.notRealised ? type.create(resource, context) : { ref: before.physicalId, attributes: before.attributes };
}

export function differs(one: StackResource, other: StackResource): boolean {
  return changeOf(one.type, one.properties, other.properties).properties.length > 0;
}
