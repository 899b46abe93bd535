import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { ControlServer, type Controllable } from './control-server';
import { findLogins } from './logins';
import type { EngineOptions, FromEngine, Login, Status } from './messages';
import { Refusals } from './refusals';
import { relay } from './relay';
import { AwsApi } from '../aws-api/aws-api';
import { ecsService, lambdaService } from '../aws-api/services';
import type { AwsEnvironment } from '../aws-environment';
import { DagWatcher, awsEnvironmentOf, LocalStack, readAssembly, selectStack, type Deployment, type ResourceEvent, type Stack } from '../cloudformation';
import type { Cloud } from '../cloudformation/cloud';
import type { DagDirectory } from '../dags/dag-watcher';
import { missingImports } from '../dags/missing-imports';
import { Cluster, type ScriptOutput } from '../ecs/cluster';
import { EcsApi } from '../ecs/ecs-api';
import { ValkeyCaches } from '../elasticache/valkey-caches';
import { UserError } from '../errors';
import { AccessKeys } from '../iam/access-keys';
import { Denials } from '../iam/denials';
import { Gate } from '../iam/gate';
import { Iam } from '../iam/iam';
import { AIRFLOW_VERSION } from '../install/airflow-version';
import { createIsolation } from '../isolation/create-isolation';
import type { Isolation } from '../isolation/isolation';
import { PrivateNames } from '../isolation/private-names';
import { TrustStore } from '../isolation/trust-store';
import type { LambdaFunction } from '../lambda/lambda-function';
import { PostgresDatabases } from '../postgres/postgres-databases';
import { tryAccess } from '../verify/access';
import type { Network } from '../verify/section';
import type { Trial } from '../verify/trial';

const STATUS_INTERVAL = 100;
/** For each container between SIGTERM and SIGKILL: all of it has to end within 15 s. */
const GRACE_SECONDS = 10;

/** Everything that runs: composes isolation, the AWS API, databases, ECS and the deployment of the stack. One per process. */
export class Engine implements Controllable {
  private readonly abort = new AbortController();
  /** Of what has been started; the last comes first. */
  private readonly closers: (() => Promise<void> | void)[] = [];
  private readonly accessKeys = new AccessKeys();
  private readonly denials: Denials;
  private awsEnvironment!: AwsEnvironment;
  private cluster!: Cluster;
  private isolation!: Isolation;
  private databases!: PostgresDatabases;
  private caches!: ValkeyCaches;
  private aws!: AwsApi;
  private refusals!: Refusals;
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
    await this.refusals.look();
    return {
      services: this.cluster.services(),
      securityGroups: this.isolation.securityGroups.enforced,
      refused: this.refusals.seen,
      denials: this.denials.list(),
      problems: [
        ...this.databases.news(), ...this.caches.news(), ...this.aws.news(),
        ...this.missing.flat(),
        ...[...this.watcher?.failures ?? []].map(([{ directory }, error]) => `${directory} is not uploaded: ${error.message}`),
      ],
      deployment: this.deployment,
    };
  }

  async logins(): Promise<Login[]> {
    return findLogins(this.cluster.taskDefinitions(), { endpoint: this.aws.endpoint, region: this.awsEnvironment.region }, this.accessKeys.operator);
  }

  async access(): Promise<Trial[]> {
    return tryAccess(this.cluster.taskDefinitions(), { endpoint: this.aws.endpoint, region: this.awsEnvironment.region }, this.accessKeys);
  }

  scale(service: string, count: number): void {
    this.cluster.setDesiredCount(service, count);
  }

  /** The stack of the assembly as it is now; whether that changed anything. */
  async deploy(follower: (event: ResourceEvent) => void): Promise<boolean> {
    if (!this.deployment) throw new UserError('it is still starting: wait until everything is healthy');
    const stack = this.readStack();
    if (!isDeepStrictEqual(awsEnvironmentOf(stack), this.awsEnvironment)) {
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
    return this.cluster.exec(service, argv, 'pipe');
  }

  network(): Network {
    const { level, securityGroups: { enforced } } = this.isolation;
    const { hostname: host, port } = new URL(this.aws.endpoint);
    const internet = this.options.internetSocket !== undefined;
    return { enforced, level, servers: [...this.databases.endpoints(), ...this.caches.endpoints()], api: { host, port: Number(port) }, internet };
  }

  async python(script: string, argument: string): Promise<ScriptOutput[]> {
    return this.cluster.python(script, argument);
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
    const isolation = this.isolation = await createIsolation({
      ...this.options, dumbInit: join(software.services, 'bin', 'dumb-init'), python: software.python.executable,
    });
    this.closers.push(() => isolation.close());
    this.refusals = new Refusals(isolation.securityGroups, folders.logs);
    this.closers.push(() => this.refusals.close());
    const stack = this.readStack();
    const awsEnvironment = this.awsEnvironment = awsEnvironmentOf(stack);
    const privateNames = new PrivateNames(isolation);
    const iam = new Iam(awsEnvironment);
    const gate = new Gate(this.accessKeys, iam, this.denials);
    const tell = (text: string) => this.report({ type: 'note', text });
    const shared = { isolation, privateNames, gate, ...awsEnvironment, logFolder: folders.logs, tell };

    this.aws = await AwsApi.start({
      ...shared, python: software.python, venv: software.services, stateFolder: folders.state, runFolder: folders.run,
    });
    this.closers.push(() => this.aws.stop());
    const databases = this.databases = new PostgresDatabases({
      ...shared, binaries: software.postgres, stateFolder: folders.state, runFolder: folders.run,
    });
    this.closers.push(() => databases.stop());
    const trustStore = new TrustStore(join(folders.run, 'trust'));
    const caches = this.caches = new ValkeyCaches({
      ...shared, venv: software.services, trustStore, stateFolder: folders.state, runFolder: folders.run,
    });
    this.closers.push(() => caches.stop());
    this.cluster = await Cluster.create({
      ...shared,
      endpoint: this.aws.endpoint,
      airflowVenvs: { [AIRFLOW_VERSION]: software.airflow },
      servicesVenv: software.services,
      trustStore,
      taskFolder: join(folders.state, 'tasks'),
    });
    this.closers.push(() => this.cluster.stop(GRACE_SECONDS));
    this.aws.serve('ecs', ecsService(new EcsApi(this.cluster), this.cluster, awsEnvironment));
    this.reportServices();
    const control = await ControlServer.start(folders.run, this);
    this.closers.push(() => control.stop());
    for (const port of published) {
      const server = await relay({ path: port.socket }, () => this.addressOf(port.logicalId, port.containerPort));
      this.closers.push(() => void server.close());
    }

    const { accessKeys } = this;
    const functions = new Map<string, LambdaFunction>();
    this.aws.serve('lambda', lambdaService(functions, awsEnvironment));
    const { securityGroups } = isolation;
    const cloud: Cloud = {
      ...awsEnvironment, endpoint: this.aws.endpoint, accessKeys, iam, databases, caches, ecs: this.cluster, functions, securityGroups,
    };
    const localStack = this.stack = await LocalStack.open(stack, cloud, {
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
    this.report({ type: 'ready', deployment: this.deployment, services: this.cluster.services() });
  }

  /** A task that is ready, else one that runs: a page that loads slowly is better than none. */
  private addressOf(logicalId: string, port: number): { host: string; port: number } | undefined {
    const tasks = this.cluster.services().find(service => service.logicalId === logicalId)?.tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING') ?? [];
    const task = tasks.find(({ healthStatus }) => healthStatus === 'HEALTHY') ?? tasks[0];
    return task?.address === undefined ? undefined : { host: task.address, port };
  }

  private readStack(): Stack {
    return selectStack(readAssembly(this.options.assembly), this.options.stackName);
  }

  private watchDags({ dagDirectories }: Deployment): void {
    const s3 = new S3Client({
      endpoint: this.aws.endpoint,
      region: this.awsEnvironment.region,
      credentials: this.accessKeys.operator,
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

  /** At most every so often: a starting cluster changes many times a second. */
  private reportServices(): void {
    let timer: NodeJS.Timeout | undefined;
    this.cluster.onChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        this.report({ type: 'services', services: this.cluster.services() });
      }, STATUS_INTERVAL);
    });
  }
}
