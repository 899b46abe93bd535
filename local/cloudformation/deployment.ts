import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Cloud } from './cloud';
import { UserError } from '../errors';
import type { Stack } from './assembly';
import { applyConditions } from './conditions';
import { dependencyGraph, type DependencyGraph } from './dependencies';
import { resolveDynamicReferences } from './dynamic-references';
import { resolve, type Scope } from './intrinsics';
import { PhysicalNames } from './physical-names';
import { RealisedResources } from './realised-resources';
import { RememberedResources } from './remembered-resources';
import type { Context, Created, NotRealised, ResourceHandler } from './resource';
import type { DagDirectory } from '../dags/dag-watcher';
import { destinationOf } from './resources/bucket-deployment';
import { deleteCustomResource } from './resources/custom-resource';
import { handlerFor } from './resources/handlers';
import { ResponseServer } from './response-server';
import { templateScope } from './scope';
import type { Properties, ResourceDeclaration } from './template';

export interface DeployOptions {
  /** Folder of the run that outlives it: what the last `up` made, unpacked code. */
  readonly stateFolder: string;
  /** Logs of functions go to `lambda/<logical id>.log` in it. */
  readonly logFolder: string;
  /** `node_modules` folder with the AWS SDK clients that handlers import; Lambda's runtime has them. */
  readonly nodePath: string;
  readonly onEvent?: (event: ResourceEvent) => void;
  /** Ends running functions and starts nothing more. */
  readonly signal?: AbortSignal;
  /** @default what the runner has for the type */
  readonly handlerFor?: (type: string) => ResourceHandler;
}

export interface ResourceEvent {
  readonly logicalId: string;
  readonly type: string;
  /** Construct path, where known. */
  readonly path?: string;
  readonly status: `${'CREATE' | 'DELETE'}_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}`;
  /** Since it began. */
  readonly seconds?: number;
  readonly reason?: string;
}

export interface DeployedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly path?: string;
}

export interface Deployment {
  readonly realised: DeployedResource[];
  readonly notRealised: (DeployedResource & NotRealised)[];
  readonly outputs: Record<string, unknown>;
  readonly dagDirectories: DagDirectory[];
}

/** One resource could not be realised. */
export class DeploymentError extends UserError {
  constructor(readonly logicalId: string, type: string, cause: Error) {
    super(`${logicalId} (${type}): ${cause.message}`);
    this.name = 'DeploymentError';
    this.cause = cause;
  }
}

/** Realises a stack in CloudFormation's order; resources that do not depend on each other are made at the same time. */
export async function deploy(stack: Stack, cloud: Cloud, options: DeployOptions): Promise<Deployment> {
  const names = new PhysicalNames(stack.name, cloud);
  const created = new Map<string, Created>();
  const scope = templateScope(stack.template, names, created);
  const { resources, outputs } = applyConditions(stack.template, scope);
  const graph = dependencyGraph(resources, Object.keys(stack.template.Resources));

  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const context = await makeContext(stack, cloud, names, signal, options);
  try {
    const run = new Run(resources, graph, created, scope, context, options);
    try {
      await run.all();
    } catch (error) {
      failed.abort(error);
      throw error;
    }
    await cleanUp(resources, context, options);
    return {
      ...run.lists(),
      outputs: Object.fromEntries(Object.entries(outputs).map(([name, { Value }]) => [name, resolve(Value, scope, `Outputs.${name}`)])),
      dagDirectories: stack.dagDirectories.map(({ bucketDeployment, directory, exclude }) => {
        if (!run.properties.has(bucketDeployment)) {
          throw new UserError(`the DAG folder ${directory} belongs to "${bucketDeployment}", which is not in the template; synthesize the app again`);
        }
        return { directory, exclude, ...destinationOf(run.properties.get(bucketDeployment)!) };
      }),
    };
  } finally {
    await context.responses.close();
    context.s3.destroy();
    context.secretsManager.destroy();
  }
}

async function makeContext(stack: Stack, cloud: Cloud, names: PhysicalNames, signal: AbortSignal, options: DeployOptions): Promise<Context> {
  const client = { endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.accessKeys.operator };
  const secretsManager = new SecretsManagerClient(client);
  return {
    stack,
    cloud,
    names,
    signal,
    s3: new S3Client({ ...client, forcePathStyle: true }),
    secretsManager,
    remembered: new RememberedResources(options.stateFolder),
    responses: await ResponseServer.start(),
    stateFolder: options.stateFolder,
    logFolder: options.logFolder,
    nodePath: options.nodePath,
    resolveDynamicReferences: value => resolveDynamicReferences(value, secretsManager),
    realised: new RealisedResources(),
    replaced: [],
  };
}

/** One pass over the graph. */
class Run {
  readonly properties = new Map<string, Properties>();
  private readonly promises = new Map<string, Promise<void>>();

  constructor(
    private readonly resources: Record<string, ResourceDeclaration>,
    private readonly graph: DependencyGraph,
    private readonly created: Map<string, Created>,
    private readonly scope: Scope,
    private readonly context: Context,
    private readonly options: DeployOptions,
  ) {}

  /** Rejects with the first failure; what has not begun by then never does. */
  async all(): Promise<void> {
    await Promise.all(Object.keys(this.resources).map(logicalId => this.make(logicalId)));
  }

  lists(): Pick<Deployment, 'realised' | 'notRealised'> {
    const realised: DeployedResource[] = [];
    const notRealised: (DeployedResource & NotRealised)[] = [];
    for (const logicalId of Object.keys(this.resources)) {
      const missing = this.created.get(logicalId)!.notRealised;
      if (missing) {
        notRealised.push({ ...this.describe(logicalId), ...missing });
      } else {
        realised.push(this.describe(logicalId));
      }
    }
    return { realised, notRealised };
  }

  private make(logicalId: string): Promise<void> {
    const promise = this.promises.get(logicalId) ?? this.makeAfterDependencies(logicalId);
    this.promises.set(logicalId, promise);
    return promise;
  }

  private async makeAfterDependencies(logicalId: string): Promise<void> {
    await Promise.all([...this.graph.get(logicalId)!].map(dependency => this.make(dependency)));
    this.context.signal.throwIfAborted();
    const { Type: type, Properties: declared = {} } = this.resources[logicalId];
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    this.report({ ...this.describe(logicalId), status: 'CREATE_IN_PROGRESS' });
    try {
      const unresolved = resolve(declared, this.scope, logicalId) as Properties;
      const properties = await this.context.resolveDynamicReferences(unresolved);
      this.properties.set(logicalId, properties);
      const handler = (this.options.handlerFor ?? handlerFor)(type);
      this.created.set(logicalId, await handler({ logicalId, type, properties, unresolved }, this.context));
    } catch (error) {
      this.context.signal.throwIfAborted(); // a consequence, not a cause
      this.report({ ...this.describe(logicalId), status: 'CREATE_FAILED', seconds: seconds(), reason: (error as Error).message });
      throw new DeploymentError(logicalId, type, error as Error);
    }
    this.report({ ...this.describe(logicalId), status: 'CREATE_COMPLETE', seconds: seconds() });
  }

  private describe(logicalId: string): DeployedResource {
    return { logicalId, type: this.resources[logicalId].Type, path: this.context.stack.paths.get(logicalId) };
  }

  private report(event: ResourceEvent): void {
    this.options.onEvent?.(event);
  }
}

/** As CloudFormation's last phase: delete what was replaced or is no longer in the template. A failure there undoes nothing. */
async function cleanUp(resources: Record<string, ResourceDeclaration>, context: Context, { onEvent }: DeployOptions): Promise<void> {
  for (const logicalId of context.remembered.logicalIds().filter(id => !Object.hasOwn(resources, id))) {
    context.replaced.push({ logicalId, resource: context.remembered.get(logicalId)! });
    context.remembered.delete(logicalId);
  }
  await Promise.all(context.replaced.map(async ({ logicalId, resource }) => {
    const { type } = resource;
    onEvent?.({ logicalId, type, status: 'DELETE_IN_PROGRESS' });
    try {
      await deleteCustomResource(logicalId, resource, context);
      onEvent?.({ logicalId, type, status: 'DELETE_COMPLETE' });
    } catch (error) {
      onEvent?.({ logicalId, type, status: 'DELETE_FAILED', reason: (error as Error).message });
    }
  }));
}
