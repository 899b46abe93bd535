import { changeOf, type Change } from './changes';
import type { DependencyGraph } from './dependencies';
import { inOrder } from './in-order';
import { resolve, type Scope } from './intrinsics';
import type { Context, Created, Resource, ResourceType, StackResource } from './resource';
import type { Properties, ResourceDeclaration } from './template';
import { changeInPlace, reported, type Work } from './work';
import { UserError } from '../errors';

/** One resource could not be realised. */
export class DeploymentError extends UserError {
  constructor(readonly logicalId: string, type: string, cause: Error) {
    super(`${logicalId} (${type}): ${cause.message}`);
    this.name = 'DeploymentError';
    this.cause = cause;
  }
}

interface Step {
  readonly verb: 'CREATE' | 'UPDATE' | 'START';
  readonly generation: number;
  readonly isReplacement?: boolean;
  readonly make: (resource: Resource, context: Context) => Created | Promise<Created>;
}

const REPLACEMENT = 'Requested update requires the creation of a new physical resource; hence creating one.';

/** Brings the resources to what a template says: creates, changes in place, or makes another one beside the old one, which is deleted later. */
export class Operation {
  constructor(
    private readonly resources: Record<string, ResourceDeclaration>,
    private readonly graph: DependencyGraph,
    private readonly scope: Scope,
    /** What `scope` finds; grows while the operation goes on. */
    private readonly created: Map<string, Created>,
    private readonly work: Work,
    /** Called with the first failure; has to abort the context's signal. */
    private readonly onFailure: (error: DeploymentError) => void,
  ) {}

  /** Rejects with the first failure when nothing is in progress any more. */
  async run(): Promise<void> {
    await inOrder(this.graph, logicalId => this.realise(logicalId));
  }

  private async realise(logicalId: string): Promise<void> {
    const { work: { context, state, alive } } = this;
    context.signal.throwIfAborted();
    const { Type: type } = this.resources[logicalId];
    const before = state.get(logicalId);
    try {
      const created = await this.change(logicalId, type, before);
      alive.set(logicalId, created);
      this.created.set(logicalId, created);
    } catch (error) {
      context.signal.throwIfAborted(); // a consequence, not a cause
      const failure = new DeploymentError(logicalId, type, error as Error);
      this.onFailure(failure);
      throw failure;
    }
  }

  private async change(logicalId: string, type: string, before: StackResource | undefined): Promise<Created> {
    const { work: { context, state, alive } } = this;
    const about = { logicalId, type, ...before && { physicalId: before.physicalId } };
    const { resource, step } = await this.prepare(logicalId, type, before).catch(async error =>
      reported(this.work, before ? 'UPDATE' : 'CREATE', about, () => { throw error; }, error_ => this.wordsOf(error_, before)));
    if (!step) {
      state.set(this.record(resource, alive.get(logicalId)!, before!.generation));
      return alive.get(logicalId)!;
    }
    const { verb, generation, isReplacement, make } = step;
    const created = await reported(this.work, verb, { ...about, ...isReplacement && { reason: REPLACEMENT } },
      async () => make(resource, { ...context, names: context.names.ofGeneration(generation) }), error => this.wordsOf(error, before),
    ).catch(error => {
      if (verb === 'UPDATE' && !isReplacement) state.set({ ...before!, properties: resource.unresolved, unfinished: true });
      throw error;
    });
    const isAnother = isReplacement || created.isReplacement;
    state.set(this.record(resource, created, created.isReplacement ? state.nextGeneration(logicalId) : generation));
    if (isAnother) state.setSuperfluous([...state.superfluous, before!]);
    return created;
  }

  private async prepare(logicalId: string, type: string, before: StackResource | undefined): Promise<{ resource: Resource; step?: Step }> {
    const unresolved = resolve(this.resources[logicalId].Properties ?? {}, this.scope, logicalId) as Properties;
    const resource = { logicalId, type, unresolved, properties: await this.work.context.resolveDynamicReferences(unresolved) };
    return { resource, step: this.plan(resource, before) };
  }

  /** None: it is what it should be. */
  private plan(resource: Resource, before: StackResource | undefined): Step | undefined {
    const { work: { state, alive, typeOf } } = this;
    const { logicalId } = resource;
    const type = typeOf(resource.type);
    if (!before) return { verb: 'CREATE', generation: state.nextGeneration(logicalId), make: type.create };
    const change = changeOf(resource.type, before.properties, resource.unresolved);
    if (change.replacement) {
      refuseSameName(type, resource, before);
      return { verb: 'UPDATE', generation: state.nextGeneration(logicalId), isReplacement: true, make: type.create };
    }
    const { generation } = before;
    const isAlive = alive.has(logicalId);
    const isComplete = !before.unfinished && (isAlive || !before.noEcho);
    if (change.properties.length === 0 && isComplete) {
      return isAlive ? undefined : { verb: 'START', generation, make: (...args) => (type.resume ?? type.create)(...args, before) };
    }
    if (!isAlive && !type.persistent) return { verb: 'UPDATE', generation, make: type.create };
    refuseUnknownChanges(type, change, before);
    return { verb: 'UPDATE', generation, make: (...args) => changeInPlace(type, ...args, before) };
  }

  private record(resource: Resource, created: Created, generation: number): StackResource {
    const { logicalId, type, unresolved: properties } = resource;
    const { DeletionPolicy: deletionPolicy, UpdateReplacePolicy: updateReplacePolicy } = this.resources[logicalId];
    const { ref: physicalId, notRealised, noEcho, attributes } = created;
    return {
      logicalId,
      type,
      properties,
      physicalId,
      attributes: noEcho ? {} : attributes,
      notRealised,
      noEcho,
      generation,
      dependencies: [...this.graph.get(logicalId)!],
      deletionPolicy,
      updateReplacePolicy,
    };
  }

  /** What an event says; nothing when the whole engine ends. */
  private wordsOf(error: Error, before: StackResource | undefined): string | undefined {
    const { signal, lifetime } = this.work.context;
    if (lifetime.aborted) return undefined;
    return signal.aborted ? `Resource ${before ? 'update' : 'creation'} cancelled` : error.message;
  }
}

function refuseSameName({ nameProperty }: ResourceType, { unresolved }: Resource, before: StackResource): void {
  if (nameProperty !== undefined && unresolved[nameProperty] !== undefined && unresolved[nameProperty] === before.properties[nameProperty]) {
    throw new UserError(`CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${String(unresolved[nameProperty])} and update the stack again.`);
  }
}

/** Nothing is behind what is not realised, so nothing has to follow. */
function refuseUnknownChanges({ update, updates = {} }: ResourceType, { properties }: Change, before: StackResource): void {
  if (before.notRealised || updates === 'any') return;
  const unknown = properties.find(name => {
    const support = Object.hasOwn(updates, name) ? updates[name] : 'unsupported';
    return support === 'unsupported' || (support === 'supported' && !update);
  });
  if (unknown !== undefined) {
    throw new UserError(`its "${unknown}" changes, which the local runner cannot do to one that exists`);
  }
}
