import { deepEqual } from '@aws-cdk/cloudformation-diff';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Stack } from './assembly';
import { cleanUp } from './clean-up';
import type { Cloud } from './cloud';
import { applyConditions, type ConditionedTemplate } from './conditions';
import { dependencyGraph, type DependencyGraph } from './dependencies';
import { describeDeployment, resolveOutputs, type Deployment } from './deployment';
import { resolveDynamicReferences } from './dynamic-references';
import type { Scope } from './intrinsics';
import { Operation } from './operation';
import { PhysicalNames } from './physical-names';
import { RealisedResources } from './realised-resources';
import type { Context, Created, ResourceType, StackResource } from './resource';
import { resourceType } from './resources/resource-types';
import { ResponseServer } from './response-server';
import { forgetFailed, restore, type Before } from './roll-back';
import { templateScope, type Surroundings } from './scope';
import { StackEvents, type ResourceEvent, type StackStatus } from './stack-events';
import { StackState } from './stack-state';
import type { Output, ResourceDeclaration } from './template';
import type { Work } from './work';
import { UserError } from '../errors';

export interface LocalStackOptions {
  /** Folder of the run that outlives it: what is known of the stack, unpacked code. */
  readonly stateFolder: string;
  /** Logs of functions go to `lambda/<logical id>.log` in it. */
  readonly logFolder: string;
  /** `node_modules` folder with the AWS SDK clients that handlers import; Lambda's runtime has them. */
  readonly nodePath: string;
  readonly onEvent?: (event: ResourceEvent) => void;
  /** Ends running functions and starts nothing more. */
  readonly signal?: AbortSignal;
  /** @default what the runner has for the type */
  readonly resourceType?: (type: string) => ResourceType;
  /** Of a stack beside others. @default derived from its name */
  readonly uuid?: string;
  /** What the stacks of an account have in common. @default its own */
  readonly realised?: RealisedResources;
}

export interface DeployOptions {
  /** Whether a failure is rolled back; else what was made stays. @default whether this engine has deployed the stack before */
  readonly rollBack?: boolean;
  /** @default there is nothing but the stack */
  readonly surroundings?: Surroundings;
}

export interface DeleteOptions {
  /** Logical ids of what stays as it is. */
  readonly retain?: readonly string[];
  /** @default there is nothing but the stack */
  readonly surroundings?: Surroundings;
}

interface Plan extends ConditionedTemplate {
  readonly scope: Scope;
  readonly graph: DependencyGraph;
}

type Parts = Omit<Context, 'stack' | 'signal'>;

/**
 * A CloudFormation stack with its state. The first deployment of an engine makes the stack, or brings back what an earlier engine has
 * made and changes it to what the template says now; a failure ends it, and the next engine goes on from there. Each later deployment
 * is an update that is rolled back when it fails. Who deploys can say otherwise.
 */
export class LocalStack {
  static async open({ name }: Stack, cloud: Cloud, options: LocalStackOptions): Promise<LocalStack> {
    const client = { endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.accessKeys.operator };
    const secretsManager = new SecretsManagerClient(client);
    return new LocalStack({
      cloud,
      names: new PhysicalNames(name, cloud, 0, options.uuid),
      s3: new S3Client({ ...client, forcePathStyle: true }),
      secretsManager,
      responses: await ResponseServer.start(),
      stateFolder: options.stateFolder,
      logFolder: options.logFolder,
      nodePath: options.nodePath,
      lifetime: options.signal ?? new AbortController().signal,
      resolveDynamicReferences: value => resolveDynamicReferences(value, secretsManager),
      realised: options.realised ?? new RealisedResources(),
    }, options);
  }

  readonly state: StackState;
  private readonly events: StackEvents;
  private readonly alive = new Map<string, Created>();
  /** What the last deployment that succeeded was made of. */
  private deployed?: { readonly stack: Stack; readonly deployment: Deployment };
  /** As it was before the first of the deployments that have failed since. */
  private stable?: Before;
  private isBusy = false;

  private constructor(private readonly parts: Parts, private readonly options: LocalStackOptions) {
    const { names, stateFolder } = parts;
    this.state = new StackState(stateFolder);
    this.events = new StackEvents(names.stack, names.stackId, stateFolder);
  }

  /** Rejects when it fails, after the roll-back if there is one. */
  async deploy(stack: Stack, options: DeployOptions = {}): Promise<Deployment> {
    const isSame = this.deployed && !options.surroundings && this.isComplete && deepEqual(this.state.template, stack.template);
    return isSame ? this.deployed!.deployment : this.alone(async () => this.change(stack, options));
  }

  /** After a failure that was not rolled back: to the last deployment that succeeded, or to nothing if there is none. */
  async rollBackFailed(stack: Stack, reason = 'User Initiated', skip: readonly string[] = []): Promise<void> {
    await this.alone(async () => this.rollBack(stack, reason, skip));
  }

  /** Rejects if something is left that its policy does not retain. */
  async delete(stack: Stack, options: DeleteOptions = {}): Promise<void> {
    await this.alone(async () => this.remove(stack, options));
  }

  /** Throws what is wrong with a template before anything is done with it. */
  check(stack: Stack, surroundings: Surroundings): Pick<Plan, 'resources' | 'outputs'> {
    return this.plan(stack, new Map(), surroundings);
  }

  /** Whether this engine has brought it to life: what stands for its resources is there. */
  get isAlive(): boolean {
    return this.deployed !== undefined;
  }

  private get isComplete(): boolean {
    return this.state.status?.endsWith('_COMPLETE') === true;
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.isBusy) throw new UserError('another deployment is in progress: wait for its end');
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }

  async close(): Promise<void> {
    await this.parts.responses.close();
    this.parts.s3.destroy();
    this.parts.secretsManager.destroy();
  }

  private async change(stack: Stack, { rollBack = this.isAlive, surroundings }: DeployOptions): Promise<Deployment> {
    const created = new Map<string, Created>();
    const imports = new Set<string>();
    const { resources, outputs, scope, graph } = this.plan(stack, created, surroundings && {
      ...surroundings,
      exported: name => {
        imports.add(name);
        return surroundings.exported(name);
      },
    });
    this.stable ??= { resources: new Map(this.state.all().map(resource => [resource.logicalId, resource])), alive: new Map(this.alive) };
    const isResumption = !this.deployed && this.state.status !== undefined && deepEqual(this.state.template, stack.template);
    const wasComplete = this.isComplete;
    const verb = this.state.status === undefined ? 'CREATE' : 'UPDATE';
    const become = (status: StackStatus, reason?: string) => {
      if (!isResumption) this.become(status, reason);
      else if (!wasComplete || status.endsWith('_FAILED')) this.state.setStatus(status);
    };

    become(`${verb}_IN_PROGRESS`, 'User Initiated');
    const failed = new AbortController();
    const work = this.work(stack, failed.signal);
    let deployment: Deployment;
    try {
      await new Operation(resources, graph, scope, created, work, error => failed.abort(error)).run();
      deployment = describeDeployment({ stack, resources, outputs, scope, state: this.state });
      if (surroundings) this.exchange(resolveOutputs(outputs, scope), imports, surroundings);
    } catch (error) {
      this.parts.lifetime.throwIfAborted();
      const reason = (error as Error).message;
      if (rollBack) await this.rollBack(stack, reason);
      else become(`${verb}_FAILED`, reason);
      throw error;
    }
    if (verb === 'UPDATE') {
      become('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      await this.cleanUp(resources, work);
    }
    this.state.setTemplate(stack.template);
    become(`${verb}_COMPLETE`);
    this.deployed = { stack, deployment };
    this.stable = undefined;
    return deployment;
  }

  private plan(stack: Stack, created: ReadonlyMap<string, Created>, surroundings?: Surroundings): Plan {
    const scope = templateScope(stack.template, this.parts.names, created, surroundings);
    const { resources, outputs } = applyConditions(stack.template, scope);
    this.refuseOtherTypes(resources);
    return { resources, outputs, scope, graph: dependencyGraph(resources, Object.keys(stack.template.Resources)) };
  }

  private exchange(outputs: readonly Output[], imports: ReadonlySet<string>, surroundings: Surroundings): void {
    surroundings.checkExports(new Map(outputs.flatMap(({ exportName, value }) => exportName === undefined ? [] : [[exportName, value]])));
    this.state.setExchange(outputs, [...imports]);
  }

  /** To the last deployment that succeeded; of a stack that has never been complete nothing stays. */
  private async rollBack(stack: Stack, reason: string, skip: readonly string[] = []): Promise<void> {
    const before = this.stable;
    if (!before) throw new UserError('the engine has ended since that deployment: deploy again, or delete the stack');
    const update = this.state.template === undefined ? '' : 'UPDATE_';
    const work = this.work(this.deployed?.stack ?? stack, new AbortController().signal);
    this.become(`${update}ROLLBACK_IN_PROGRESS`, reason);
    try {
      await restore(before, work, skip);
    } catch (error) {
      this.parts.lifetime.throwIfAborted();
      this.become(`${update}ROLLBACK_FAILED`, (error as Error).message);
      throw new UserError(`${reason}; and it could not be rolled back: ${(error as Error).message}`);
    }
    if (update) this.become('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    const left = await forgetFailed(before, work);
    if (!update && left.length > 0) {
      left.forEach(resource => this.state.set(resource));
      this.become('ROLLBACK_FAILED', failedToDelete(left));
      throw new UserError(`${reason}; and it could not be rolled back: ${failedToDelete(left)}`);
    }
    this.become(`${update}ROLLBACK_COMPLETE`);
    this.stable = undefined;
  }

  private async remove(stack: Stack, { retain = [], surroundings }: DeleteOptions): Promise<void> {
    const { state, alive } = this;
    this.become('DELETE_IN_PROGRESS', 'User Initiated');
    try {
      surroundings?.checkExports(new Map());
    } catch (error) {
      const reason = `Delete canceled. ${(error as Error).message}`;
      this.become('DELETE_FAILED', reason);
      throw new UserError(reason);
    }
    const work = this.work(stack, new AbortController().signal);
    for (const resource of state.all().filter(({ logicalId }) => retain.includes(logicalId))) {
      const { logicalId, type, physicalId } = resource;
      work.report({ logicalId, type, physicalId, status: 'DELETE_SKIPPED' });
      state.forget(resource);
    }
    const left = await cleanUp([...state.all(), ...state.superfluous].map(resource => ({ ...resource, cause: 'removed' })), work, { careful: true });
    if (left.length > 0) {
      this.become('DELETE_FAILED', failedToDelete(left));
      throw new UserError(failedToDelete(left));
    }
    alive.clear();
    this.deployed = undefined;
    state.setExchange([], []);
    this.become('DELETE_COMPLETE');
  }

  private become(status: StackStatus, reason?: string): void {
    this.state.setStatus(status, reason);
    this.events.ofStack(status, reason);
  }

  private async cleanUp(resources: Record<string, ResourceDeclaration>, work: Work): Promise<void> {
    const { state, alive } = this;
    const removed = state.all().filter(({ logicalId }) => !Object.hasOwn(resources, logicalId));
    state.setSuperfluous([...state.superfluous, ...removed]);
    for (const { logicalId } of removed) {
      state.delete(logicalId);
      alive.delete(logicalId);
    }
    await cleanUp(state.superfluous.map(resource => ({ ...resource, cause: state.get(resource.logicalId) ? 'replaced' : 'removed' })), work);
    state.setSuperfluous([]);
  }

  private refuseOtherTypes(resources: Record<string, ResourceDeclaration>): void {
    const others = this.state.all()
      .filter(({ logicalId, type }) => Object.hasOwn(resources, logicalId) && resources[logicalId].Type !== type).map(({ logicalId }) => logicalId);
    if (others.length > 0) {
      throw new UserError(`Update of resource type is not permitted. The new template modifies resource type of the following resources: [${others.join(', ')}]`);
    }
  }

  private work(stack: Stack, failed: AbortSignal): Work {
    const { parts, state, alive, options } = this;
    return {
      state,
      alive,
      context: { ...parts, stack, signal: AbortSignal.any([parts.lifetime, failed]) },
      typeOf: options.resourceType ?? resourceType,
      report: event => {
        this.events.ofResource(event);
        options.onEvent?.(event);
      },
    };
  }
}

function failedToDelete(left: readonly StackResource[]): string {
  return `The following resource(s) failed to delete: [${left.map(({ logicalId }) => logicalId).join(', ')}]. `;
}
