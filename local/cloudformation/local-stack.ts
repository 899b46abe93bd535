import { deepEqual } from '@aws-cdk/cloudformation-diff';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Stack } from './assembly';
import { cleanUp } from './clean-up';
import type { Cloud } from './cloud';
import { applyConditions } from './conditions';
import { dependencyGraph } from './dependencies';
import { describeDeployment, type Deployment } from './deployment';
import { resolveDynamicReferences } from './dynamic-references';
import { Operation } from './operation';
import { PhysicalNames } from './physical-names';
import { RealisedResources } from './realised-resources';
import type { Context, Created, ResourceType } from './resource';
import { resourceType } from './resources/resource-types';
import { ResponseServer } from './response-server';
import { forgetFailed, restore, type Before } from './roll-back';
import { templateScope } from './scope';
import { StackEvents, type ResourceEvent, type StackStatus } from './stack-events';
import { StackState } from './stack-state';
import type { ResourceDeclaration } from './template';
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
}

type Parts = Omit<Context, 'stack' | 'signal'>;

/**
 * A CloudFormation stack with its state. The first deployment of an engine makes the stack, or brings back what an earlier engine has
 * made and changes it to what the template says now; a failure ends it, and the next engine goes on from there. Each later deployment
 * is an update that is rolled back when it fails.
 */
export class LocalStack {
  static async open({ name }: Stack, cloud: Cloud, options: LocalStackOptions): Promise<LocalStack> {
    const client = { endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.accessKeys.operator };
    const secretsManager = new SecretsManagerClient(client);
    return new LocalStack({
      cloud,
      names: new PhysicalNames(name, cloud),
      s3: new S3Client({ ...client, forcePathStyle: true }),
      secretsManager,
      responses: await ResponseServer.start(),
      stateFolder: options.stateFolder,
      logFolder: options.logFolder,
      nodePath: options.nodePath,
      lifetime: options.signal ?? new AbortController().signal,
      resolveDynamicReferences: value => resolveDynamicReferences(value, secretsManager),
      realised: new RealisedResources(),
    }, options);
  }

  private readonly state: StackState;
  private readonly events: StackEvents;
  private readonly alive = new Map<string, Created>();
  /** What the last deployment that succeeded was made of. */
  private deployed?: { readonly stack: Stack; readonly deployment: Deployment };
  private isBusy = false;

  private constructor(private readonly parts: Parts, private readonly options: LocalStackOptions) {
    const { names, stateFolder } = parts;
    this.state = new StackState(stateFolder);
    this.events = new StackEvents(names.stack, names.stackId, stateFolder);
  }

  /** Rejects when it fails, after the roll-back if there is one. */
  async deploy(stack: Stack): Promise<Deployment> {
    if (this.isBusy) throw new UserError('another deployment is in progress: wait for its end');
    const isComplete = this.state.status?.endsWith('_COMPLETE');
    if (this.deployed && isComplete && deepEqual(this.state.template, stack.template)) return this.deployed.deployment;
    this.isBusy = true;
    try {
      return await this.change(stack);
    } finally {
      this.isBusy = false;
    }
  }

  async close(): Promise<void> {
    await this.parts.responses.close();
    this.parts.s3.destroy();
    this.parts.secretsManager.destroy();
  }

  private async change(stack: Stack): Promise<Deployment> {
    const created = new Map<string, Created>();
    const scope = templateScope(stack.template, this.parts.names, created);
    const { resources, outputs } = applyConditions(stack.template, scope);
    this.refuseOtherTypes(resources);
    const graph = dependencyGraph(resources, Object.keys(stack.template.Resources));
    const before: Before = { resources: new Map(this.state.all().map(resource => [resource.logicalId, resource])), alive: new Map(this.alive) };
    const isResumption = !this.deployed && this.state.status !== undefined && deepEqual(this.state.template, stack.template);
    const verb = this.state.status === undefined ? 'CREATE' : 'UPDATE';
    const become = (status: StackStatus, reason?: string) => {
      this.state.setStatus(status);
      if (!isResumption) this.events.ofStack(status, reason);
    };

    become(`${verb}_IN_PROGRESS`, 'User Initiated');
    const failed = new AbortController();
    const work = this.work(stack, failed.signal);
    let deployment: Deployment;
    try {
      await new Operation(resources, graph, scope, created, work, error => failed.abort(error)).run();
      deployment = describeDeployment({ stack, resources, outputs, scope, state: this.state });
    } catch (error) {
      this.parts.lifetime.throwIfAborted();
      const reason = (error as Error).message;
      if (this.deployed) await this.rollBack(before, reason);
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
    return deployment;
  }

  /** To the last deployment that succeeded. */
  private async rollBack(before: Before, reason: string): Promise<void> {
    const become = (status: StackStatus, words?: string) => {
      this.state.setStatus(status);
      this.events.ofStack(status, words);
    };
    const work = this.work(this.deployed!.stack, new AbortController().signal);
    become('UPDATE_ROLLBACK_IN_PROGRESS', reason);
    try {
      await restore(before, work);
    } catch (error) {
      this.parts.lifetime.throwIfAborted();
      become('UPDATE_ROLLBACK_FAILED', (error as Error).message);
      throw new UserError(`${reason}; and it could not be rolled back: ${(error as Error).message}`);
    }
    become('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    await forgetFailed(before, work);
    become('UPDATE_ROLLBACK_COMPLETE');
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
