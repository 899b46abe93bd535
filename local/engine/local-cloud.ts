import { join } from 'node:path';
import type { CloudOptions } from './messages';
import { Refusals } from './refusals';
import { AwsApi } from '../aws-api/aws-api';
import { ManagedPolicies } from '../aws-api/managed-policies';
import { ParameterStore } from '../aws-api/parameter-store';
import { ecsService, lambdaService } from '../aws-api/services';
import type { AwsEnvironment } from '../aws-environment';
import type { Cloud } from '../cloudformation/cloud';
import { Cluster, type ServiceStatus } from '../ecs/cluster';
import { EcsApi } from '../ecs/ecs-api';
import { ValkeyCaches } from '../elasticache/valkey-caches';
import { AccessKeys } from '../iam/access-keys';
import type { Denials } from '../iam/denials';
import { Gate } from '../iam/gate';
import { Iam } from '../iam/iam';
import { AIRFLOW_VERSION } from '../install/airflow-version';
import { createIsolation } from '../isolation/create-isolation';
import type { Isolation } from '../isolation/isolation';
import { PrivateNames } from '../isolation/private-names';
import { TrustStore } from '../isolation/trust-store';
import type { LambdaFunction } from '../lambda/lambda-function';
import { PostgresDatabases } from '../postgres/postgres-databases';

/** For each container between SIGTERM and SIGKILL: all of it has to end within 15 s. */
const GRACE_SECONDS = 10;

export interface LocalCloudOptions extends CloudOptions {
  readonly denials: Denials;
  /** What people should know at once. */
  readonly tell: (text: string) => void;
  /** Closes a part that has been started: the last one comes first. */
  readonly onStarted: (close: () => Promise<void> | void) => void;
}

/** What resources are realised with, once for all stacks: isolation, the AWS API, databases, ECS, functions. */
export class LocalCloud {
  static async start(awsEnvironment: AwsEnvironment, options: LocalCloudOptions): Promise<LocalCloud> {
    const { folders, software, denials, tell, onStarted } = options;
    const isolation = await createIsolation({
      ...options, dumbInit: join(software.services, 'bin', 'dumb-init'), python: software.python.executable,
    });
    onStarted(() => isolation.close());
    const refusals = new Refusals(isolation.securityGroups, folders.logs);
    onStarted(() => refusals.close());
    const privateNames = new PrivateNames(isolation);
    const managedPolicies = new ManagedPolicies(software.services);
    const iam = new Iam(awsEnvironment, arn => managedPolicies.find(arn));
    const accessKeys = new AccessKeys();
    const gate = new Gate(accessKeys, iam, denials);
    const shared = { isolation, privateNames, gate, ...awsEnvironment, logFolder: folders.logs, tell };
    const api = await AwsApi.start({
      ...shared, python: software.python, venv: software.services, stateFolder: folders.state, runFolder: folders.run,
    });
    onStarted(() => api.stop());
    const databases = new PostgresDatabases({
      ...shared, binaries: software.postgres, stateFolder: folders.state, runFolder: folders.run,
    });
    onStarted(() => databases.stop());
    const trustStore = new TrustStore(join(folders.run, 'trust'));
    const caches = new ValkeyCaches({ ...shared, venv: software.services, trustStore, stateFolder: folders.state, runFolder: folders.run });
    onStarted(() => caches.stop());
    const cluster = await Cluster.create({
      ...shared,
      endpoint: api.endpoint,
      airflowVenvs: { [AIRFLOW_VERSION]: software.airflow },
      servicesVenv: software.services,
      trustStore,
      taskFolder: join(folders.state, 'tasks'),
    });
    onStarted(() => cluster.stop(GRACE_SECONDS));
    const functions = new Map<string, LambdaFunction>();
    api.serve('ecs', ecsService(new EcsApi(cluster), cluster, awsEnvironment));
    api.serve('lambda', lambdaService(functions, awsEnvironment));
    return new LocalCloud(awsEnvironment, { isolation, refusals, api, databases, caches, cluster, functions, accessKeys, iam });
  }

  readonly isolation: Isolation;
  readonly refusals: Refusals;
  readonly api: AwsApi;
  readonly databases: PostgresDatabases;
  readonly caches: ValkeyCaches;
  readonly cluster: Cluster;
  readonly accessKeys: AccessKeys;
  readonly iam: Iam;
  /** As CloudFormation uses it. */
  readonly cloud: Cloud;

  private constructor(readonly awsEnvironment: AwsEnvironment, parts: Pick<LocalCloud, 'isolation' | 'refusals' | 'api' | 'databases' | 'caches' | 'cluster' | 'accessKeys' | 'iam'> & Pick<Cloud, 'functions'>) {
    const { isolation, api, databases, caches, cluster, functions, accessKeys, iam } = parts;
    this.isolation = isolation;
    this.refusals = parts.refusals;
    this.api = api;
    this.databases = databases;
    this.caches = caches;
    this.cluster = cluster;
    this.accessKeys = accessKeys;
    this.iam = iam;
    const { securityGroups } = isolation;
    this.cloud = {
      ...awsEnvironment,
      endpoint: api.endpoint,
      accessKeys,
      iam,
      databases,
      caches,
      ecs: cluster,
      functions,
      parameters: new ParameterStore(),
      securityGroups,
    };
  }

  /** A task that is ready, else one that runs: a page that loads slowly is better than none. */
  addressOf(isWanted: (service: ServiceStatus) => boolean, port: number): { host: string; port: number } | undefined {
    const tasks = this.cluster.services().find(isWanted)?.tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING') ?? [];
    const task = tasks.find(({ healthStatus }) => healthStatus === 'HEALTHY') ?? tasks[0];
    return task?.address === undefined ? undefined : { host: task.address, port };
  }

  /** Tells changes, at most every so many milliseconds: a starting cluster changes many times a second. */
  onServices(interval: number, listener: (services: ServiceStatus[]) => void): void {
    let timer: NodeJS.Timeout | undefined;
    this.cluster.onChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        listener(this.cluster.services());
      }, interval);
    });
  }

  /** Options of an SDK's client. */
  get client() {
    return { endpoint: this.api.endpoint, region: this.awsEnvironment.region };
  }
}
