import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './clock';
import { Container, DependencyError } from './container';
import type { MountPoint, TaskDefinition } from './definitions';
import { assumeRole, openLogStream } from './execution-role';
import type { HealthStatus } from './health-check';
import type { Images } from './image';
import { resolveSecrets } from './secrets';
import type { TaskEndpoints } from './task-endpoints';
import type { AwsEnvironment } from '../aws-environment';
import type { Issued } from '../iam/access-keys';
import type { Gate } from '../iam/gate';
import type { ContainerSpec, Directory, Isolation } from '../isolation/isolation';
import type { TrustStore } from '../isolation/trust-store';

/** What every task of a cluster is run with. */
export interface TaskContext extends AwsEnvironment {
  readonly isolation: Isolation;
  readonly clock: Clock;
  readonly taskEndpoints: TaskEndpoints;
  readonly gate: Gate;
  readonly images: Images;
  readonly endpoint: string;
  readonly trustStore?: TrustStore;
  readonly taskFolder: string;
  readonly logFolder: string;
}

export interface TaskOptions {
  readonly cluster: string;
  /** `service:…` or `family:…`, as ECS names it. */
  readonly group: string;
  readonly startedBy?: string;
  /** The folder of its log files, and its name in the network. */
  readonly logName: string;
  readonly securityGroups: readonly string[];
}

const PROBATION = 1000;

export type StopCode = 'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | 'ServiceSchedulerInitiated';

/** One run of a task definition on Fargate: provisioned, running, stopped; never started again. */
export class Task {
  readonly id = randomBytes(16).toString('hex');
  readonly arn: string;
  readonly containers: Container[];
  readonly createdAt = new Date();
  lastStatus: 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED' = 'PROVISIONING';
  desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING';
  address?: string;
  startedAt?: Date;
  stoppedAt?: Date;
  stopCode?: StopCode;
  stoppedReason?: string;
  /** Nothing of it is left. */
  readonly stopped: Promise<void>;
  private markStopped!: () => void;
  private readonly releases: (() => void)[] = [];
  private readonly folder: string;
  private provisioned?: Promise<string>;
  private taskRole?: Issued;
  private graceSeconds?: number;
  private proven = false;
  private readonly ending = new AbortController();

  constructor(
    readonly definition: TaskDefinition,
    readonly options: TaskOptions,
    private readonly context: TaskContext,
    private readonly onChange: () => void = () => {},
  ) {
    const { partition, region, account, images, logFolder, taskFolder, clock } = context;
    this.arn = `arn:${partition}:ecs:${region}:${account}:task/${options.cluster}/${this.id}`;
    this.folder = join(taskFolder, this.id);
    this.stopped = new Promise(done => this.markStopped = done);
    this.containers = definition.containers.map(container => new Container(
      container, images.resolve(container), join(logFolder, options.logName, this.id, `${container.name}.log`), clock, () => this.containerChanged(),
    ));
    void this.run();
  }

  get healthStatus(): HealthStatus {
    const checked = this.containers.filter(({ definition }) => definition.essential && definition.healthCheck);
    if (checked.some(({ healthStatus }) => healthStatus === 'UNHEALTHY')) return 'UNHEALTHY';
    return checked.length > 0 && checked.every(({ healthStatus }) => healthStatus === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
  }

  /** Running and, where there is a health check, healthy. */
  get ready(): boolean {
    if (this.lastStatus !== 'RUNNING' || this.desiredStatus !== 'RUNNING') return false;
    const essential = this.containers.filter(({ definition }) => definition.essential);
    const checked = essential.some(({ definition }) => definition.healthCheck);
    return essential.every(({ ready }) => ready) && (checked || this.proven);
  }

  /** The container that people mean when they name the task. */
  get mainContainer(): Container {
    return this.containers.find(({ definition }) => definition.essential) ?? this.containers[0];
  }

  /** The first reason counts. */
  stop(stopCode: StopCode, reason: string, graceSeconds?: number): void {
    this.graceSeconds = graceSeconds ?? this.graceSeconds;
    if (this.desiredStatus === 'STOPPED') return;
    this.desiredStatus = 'STOPPED';
    this.stopCode = stopCode;
    this.stoppedReason = reason;
    this.ending.abort();
    void this.end();
  }

  private async run(): Promise<void> {
    try {
      this.provisioned = this.context.isolation.addTask(this.id, {
        name: this.options.logName, securityGroups: this.options.securityGroups, memory: this.definition.memory,
      });
      this.address = await this.provisioned;
      if (this.desiredStatus === 'RUNNING') this.become('PENDING');
      const { taskRoleArn } = this.definition;
      this.taskRole = taskRoleArn === undefined ? undefined : assumeRole(taskRoleArn, this.roleUse, this.context.gate);
      const secrets = await this.useExecutionRole();
      await Promise.all(this.containers.map(async container => this.start(container, secrets.get(container)!)));
      if (this.desiredStatus === 'RUNNING' && this.lastStatus === 'PENDING') {
        this.startedAt = new Date(this.context.clock.now());
        this.become('RUNNING');
        void this.prove();
      }
    } catch (error) {
      this.stop('TaskFailedToStart', (error as Error).message);
    }
  }

  /** Without a health check it counts as ready when it has not ended at once. */
  private async prove(): Promise<void> {
    await this.context.clock.sleep(PROBATION, this.ending.signal);
    if (this.ending.signal.aborted) return;
    this.proven = true;
    this.onChange();
  }

  private get roleUse() {
    return { taskArn: this.arn, component: this.options.logName };
  }

  /** Opens the logs and reads the secrets, which are given back for each container. */
  private async useExecutionRole(): Promise<Map<Container, Record<string, string>>> {
    const { endpoint, gate, region } = this.context;
    const { executionRoleArn } = this.definition;
    if (executionRoleArn === undefined) return new Map(this.containers.map(container => [container, {}]));
    const role = assumeRole(executionRoleArn, this.roleUse, gate);
    return new Map(await Promise.all(this.containers.map(async container => {
      openLogStream(container.definition, role, this.id, gate);
      return [container, await resolveSecrets(container.definition.secrets, { endpoint, region }, role.key)] as const;
    })));
  }

  private async start(container: Container, secrets: Record<string, string>): Promise<void> {
    const { definition } = container;
    try {
      await Promise.all(definition.dependsOn.map(async dependency => this.container(dependency.containerName).reach(dependency)));
      if (this.desiredStatus === 'STOPPED') return;
      await container.launch(async () => this.context.isolation.start(this.spec(container, secrets)));
    } catch (error) {
      if (error instanceof DependencyError) {
        container.abandonForDependency(error); // ends the task if it is essential
        return;
      }
      const reason = (error as Error).message;
      container.abandon(reason);
      this.stop('TaskFailedToStart', `Task failed to start: container ${definition.name}: ${reason}`);
    }
  }

  private spec(container: Container, secrets: Record<string, string>): ContainerSpec {
    const { definition, image } = container;
    const { region, endpoint, taskEndpoints, trustStore } = this.context;
    const { environment, release } = taskEndpoints.register({
      address: this.address!,
      taskRole: this.taskRole,
      container: () => this.containerMetadata(container),
      task: () => this.metadata(),
    });
    this.releases.push(release);
    const [uid, gid = image.user.gid] = definition.user?.split(':').map(Number) ?? [image.user.uid];
    const writable = image.writable.map((path): Directory => ({
      host: join(this.folder, definition.name, path.slice(1).replaceAll('/', '-')), container: path, writable: true,
    }));
    return {
      taskId: this.id,
      name: definition.name,
      argv: image.argv(definition),
      uid,
      gid,
      workingDirectory: definition.workingDirectory ?? image.workingDirectory,
      directories: [...image.programs, ...trustStore?.directories ?? [], ...writable],
      readonlyRootFilesystem: definition.readonlyRootFilesystem,
      tmpfs: definition.tmpfs,
      volumes: definition.mountPoints.map(mountPoint => this.volume(mountPoint)),
      memory: definition.memory,
      logFile: container.logFile,
      environment: {
        ...image.environment,
        HOSTNAME: `ip-${this.address!.replaceAll('.', '-')}`,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: endpoint,
        ...trustStore?.environment,
        ...definition.environment,
        ...secrets,
        ...environment,
      },
    };
  }

  /** As on Fargate it is the superuser's, and only its owner can write to it, until a container changes that. */
  private volume({ volume, containerPath, readOnly }: MountPoint): Directory {
    const host = join(this.folder, '.volumes', volume);
    if (!existsSync(host)) {
      mkdirSync(host, { recursive: true });
      chmodSync(host, 0o755);
    }
    return { host, container: containerPath, writable: !readOnly };
  }

  private container(name: string): Container {
    return this.containers.find(({ definition }) => definition.name === name)!;
  }

  private containerChanged(): void {
    const exited = this.containers.find(({ definition, exitCode }) => definition.essential && exitCode !== undefined);
    if (exited) this.stop('EssentialContainerExited', 'Essential container in task exited');
    this.onChange();
  }

  private async end(): Promise<void> {
    this.become('DEPROVISIONING');
    await Promise.all(this.containers.map(async container => this.stopContainer(container)));
    this.releases.forEach(release => release());
    await this.provisioned!.then(async () => this.context.isolation.removeTask(this.id)).catch((error: Error) => {
      this.stoppedReason += `; its network could not be removed: ${error.message}`;
    });
    rmSync(this.folder, { recursive: true, force: true });
    this.stoppedAt = new Date();
    this.become('STOPPED');
    this.markStopped();
  }

  /** The ones that depend on it first. */
  private async stopContainer(container: Container): Promise<void> {
    const { name } = container.definition;
    const dependents = this.containers.filter(({ definition }) => definition.dependsOn.some(({ containerName }) => containerName === name));
    dependents.forEach(dependent => dependent.abandon());
    await Promise.all(dependents.map(async dependent => dependent.stopped));
    await container.stop(this.graceSeconds);
  }

  private become(status: Task['lastStatus']): void {
    this.lastStatus = status;
    this.onChange();
  }

  private metadata(): object {
    const { arn, family, cpu, memory } = this.definition;
    return {
      Cluster: this.options.cluster,
      TaskARN: this.arn,
      Family: family,
      Revision: arn.split(':').at(-1),
      DesiredStatus: this.desiredStatus,
      KnownStatus: this.lastStatus,
      Limits: { CPU: cpu / 1024, Memory: memory },
      AvailabilityZone: `${this.context.region}a`,
      LaunchType: 'FARGATE',
      Containers: this.containers.map(container => this.containerMetadata(container)),
    };
  }

  private containerMetadata({ definition, lastStatus }: Container): object {
    return {
      DockerId: `${this.id}-${definition.name}`,
      Name: definition.name,
      DockerName: definition.name,
      Image: definition.image,
      Labels: {
        'com.amazonaws.ecs.cluster': this.options.cluster,
        'com.amazonaws.ecs.container-name': definition.name,
        'com.amazonaws.ecs.task-arn': this.arn,
        'com.amazonaws.ecs.task-definition-family': this.definition.family,
        'com.amazonaws.ecs.task-definition-version': this.definition.arn.split(':').at(-1),
      },
      DesiredStatus: this.desiredStatus,
      KnownStatus: lastStatus,
      Type: 'NORMAL',
      Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: [this.address] }],
    };
  }
}
