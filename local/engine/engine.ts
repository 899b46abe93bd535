import type { ChildProcess } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { ControlServer, type Controllable } from './control-server';
import { LocalCloud } from './local-cloud';
import { findLogins } from './logins';
import type { EngineOptions, FromEngine, Login, Status } from './messages';
import { relay } from './relay';
import { DagWatcher, awsEnvironmentOf, LocalStack, readAssembly, selectStack, type Deployment, type ResourceEvent, type Stack } from '../cloudformation';
import type { DagDirectory } from '../dags/dag-watcher';
import { missingImports } from '../dags/missing-imports';
import type { ScriptOutput } from '../ecs/cluster';
import { UserError } from '../errors';
import { Denials } from '../iam/denials';
import { tryAccess } from '../verify/access';
import type { Network } from '../verify/section';
import type { Trial } from '../verify/trial';

const STATUS_INTERVAL = 100;

/** One stack of an assembly, and what it runs with. One per process. */
export class Engine implements Controllable {
  private readonly abort = new AbortController();
  /** Of what has been started; the last comes first. */
  private readonly closers: (() => Promise<void> | void)[] = [];
  private readonly denials: Denials;
  private local!: LocalCloud;
  private stack!: LocalStack;
  /** Who waits for a deployment. */
  private follower?: (event: ResourceEvent) => void;
  private deployment?: Deployment;
  private watcher?: DagWatcher;
  /** What DAG files import that is not here, for each folder. */
  private missing: string[][] = [];

  constructor(private readonly options: EngineOptions, private readonly report: (message: FromEngine) => void) {
    this.denials = new Denials(options.folders.logs, denial => report({ type: 'denial', denial }));
  }

  async status(): Promise<Status> {
    const { refusals, cluster, isolation, databases, caches, api } = this.local;
    await refusals.look();
    return {
      services: cluster.services(),
      securityGroups: isolation.securityGroups.enforced,
      refused: refusals.seen,
      denials: this.denials.list(),
      problems: [
        ...databases.news(), ...caches.news(), ...api.news(),
        ...this.missing.flat(),
        ...[...this.watcher?.failures ?? []].map(([{ directory }, error]) => `${directory} is not uploaded: ${error.message}`),
      ],
      deployment: this.deployment,
    };
  }

  async logins(): Promise<Login[]> {
    const { cluster, client, accessKeys } = this.local;
    return findLogins(cluster.taskDefinitions(), client, accessKeys.operator);
  }

  async access(): Promise<Trial[]> {
    const { cluster, client, accessKeys } = this.local;
    return tryAccess(cluster.taskDefinitions(), client, accessKeys);
  }

  scale(service: string, count: number): void {
    this.local.cluster.setDesiredCount(service, count);
  }

  /** The stack of the assembly as it is now; whether that changed anything. */
  async deploy(follower: (event: ResourceEvent) => void): Promise<boolean> {
    if (!this.deployment) throw new UserError('it is still starting: wait until everything is healthy');
    const stack = this.readStack();
    if (!isDeepStrictEqual(awsEnvironmentOf(stack), this.local.awsEnvironment)) {
      throw new UserError('the stack has another account or region now: stop it with `npx serverless-airflow local down`, and start it again');
    }
    this.follower = follower;
    const deployment = await this.stack.deploy(stack).finally(() => this.follower = undefined);
    if (deployment === this.deployment) return false;
    this.deployment = deployment;
    await this.watcher?.close();
    this.watchDags(deployment);
    return true;
  }

  exec(service: string, argv: string[]): ChildProcess {
    return this.local.cluster.exec(service, argv, 'pipe');
  }

  network(): Network {
    const { isolation: { level, securityGroups: { enforced } }, api, databases, caches } = this.local;
    const { hostname: host, port } = new URL(api.endpoint);
    const internet = this.options.internetSocket !== undefined;
    return { enforced, level, servers: [...databases.endpoints(), ...caches.endpoints()], api: { host, port: Number(port) }, internet };
  }

  async python(script: string, argument: string): Promise<ScriptOutput[]> {
    return this.local.cluster.python(script, argument);
  }

  /** At any time, in the middle of `start` too. */
  async stop(): Promise<void> {
    this.abort.abort();
    for (let close = this.closers.pop(); close; close = this.closers.pop()) {
      await close();
    }
  }

  /** Resolves when everything runs. */
  async start(): Promise<void> {
    const { folders, published, software } = this.options;
    const stack = this.readStack();
    const local = this.local = await LocalCloud.start(awsEnvironmentOf(stack), {
      ...this.options,
      denials: this.denials,
      tell: text => this.report({ type: 'note', text }),
      onStarted: close => this.closers.push(close),
    });
    local.onServices(STATUS_INTERVAL, services => this.report({ type: 'services', services }));
    const control = await ControlServer.start(folders.run, this);
    this.closers.push(() => control.stop());
    for (const port of published) {
      const server = await relay({ path: port.socket }, () => local.addressOf(({ logicalId }) => logicalId === port.logicalId, port.containerPort));
      this.closers.push(() => void server.close());
    }
    const localStack = this.stack = await LocalStack.open(stack, local.cloud, {
      stateFolder: folders.state,
      logFolder: folders.logs,
      nodePath: software.nodeModules,
      onEvent: event => {
        this.report({ type: 'resource', event });
        this.follower?.(event);
      },
      signal: this.abort.signal,
    });
    this.closers.push(() => localStack.close());
    this.deployment = await localStack.deploy(stack);
    this.closers.push(() => this.watcher?.close());
    this.watchDags(this.deployment);
    this.report({ type: 'ready', deployment: this.deployment, services: local.cluster.services() });
  }

  private readStack(): Stack {
    return selectStack(readAssembly(this.options.assembly), this.options.stackName);
  }

  private watchDags({ dagDirectories }: Deployment): void {
    const s3 = new S3Client({
      ...this.local.client,
      credentials: this.local.accessKeys.operator,
      forcePathStyle: true,
    });
    const note = (text: string) => this.report({ type: 'note', text });
    const look = () => void this.lookForMissing(dagDirectories, note).catch((error: Error) => console.error(error));
    look();
    this.watcher = new DagWatcher(dagDirectories, s3, {
      onSync: ({ directory }, { uploaded, deleted }) => {
        note(`${directory}: ${uploaded.length} changed, ${deleted.length} removed`);
        look();
      },
      onError: ({ directory }, error) => note(`${directory} is not uploaded: ${error.message}`),
    });
  }

  /** Tells what was not told before. */
  private async lookForMissing(directories: readonly DagDirectory[], note: (text: string) => void): Promise<void> {
    const before = new Set(this.missing.flat());
    this.missing = await Promise.all(directories.map(missingImports));
    this.missing.flat().filter(sentence => !before.has(sentence)).forEach(note);
  }
}
