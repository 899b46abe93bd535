import type { Clock } from './clock';
import type { ContainerDefinition, ContainerDependency } from './definitions';
import { HealthMonitor, type HealthStatus } from './health-check';
import type { Image } from './image';
import type { RunningContainer } from '../isolation/isolation';

/** 128 + SIGKILL */
const KILLED = 137;
/** 128 + SIGTERM: what the agent reports of a container that never started because what it depends on did not come to be. */
const NOT_STARTED = 143;

/** What a container depends on can never be reached any more. */
export class DependencyError extends Error {}

/** One container of a task: what ECS tells about it. */
export class Container {
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED' = 'PENDING';
  exitCode?: number;
  reason?: string;
  readonly started: Promise<void>;
  readonly stopped: Promise<void>;
  private launched?: Promise<RunningContainer>;
  private running?: RunningContainer;
  private startAgain?: () => Promise<RunningContainer>;
  private stopping = false;
  private health?: HealthMonitor;
  private markStarted!: () => void;
  private markStopped!: () => void;
  private readonly healthListeners: (() => void)[] = [];

  constructor(
    readonly definition: ContainerDefinition,
    readonly image: Image,
    readonly logFile: string,
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {
    this.started = new Promise(done => this.markStarted = done);
    this.stopped = new Promise(done => this.markStopped = done);
  }

  get healthStatus(): HealthStatus {
    return this.health?.status ?? 'UNKNOWN';
  }

  /** Running, and healthy where it has a health check. */
  get ready(): boolean {
    return this.lastStatus === 'RUNNING' && (!this.definition.healthCheck || this.healthStatus === 'HEALTHY');
  }

  async launch(start: () => Promise<RunningContainer>): Promise<void> {
    this.launched = start();
    this.startAgain = start;
    try {
      this.run(await this.launched);
    } catch (error) {
      this.launched = undefined;
      throw error;
    }
  }

  /** It will not be started any more. */
  abandon(reason?: string): void {
    if (this.lastStatus !== 'PENDING' || this.launched) return;
    this.reason = reason;
    this.end();
  }

  /** It will not be started, for want of what it depends on. */
  abandonForDependency({ message }: DependencyError): void {
    if (this.lastStatus !== 'PENDING' || this.launched) return;
    this.exitCode = NOT_STARTED;
    this.abandon(`CannotStartContainerError: dependency graph: failed to resolve the container ordering dependency for [${this.definition.name}]: ${message}`);
  }

  /** SIGTERM, and after the stop timeout SIGKILL. */
  async stop(graceSeconds = Infinity): Promise<void> {
    this.stopping = true;
    this.abandon();
    await this.launched?.catch(() => {});
    const ended = new AbortController();
    void this.clock.sleep(Math.min(this.definition.stopTimeout, graceSeconds) * 1000, ended.signal).then(() => {
      if (!ended.signal.aborted) this.running?.kill();
    });
    if (this.lastStatus === 'RUNNING') this.running!.signal('SIGTERM');
    await this.stopped;
    ended.abort();
  }

  exec(argv: string[], stdio: 'pipe' | 'inherit') {
    return this.running!.exec(argv, stdio);
  }

  /** Resolves when a container that depends on this one may start; rejects when it never may. */
  async reach({ containerName, condition }: ContainerDependency): Promise<void> {
    if (condition === 'START') {
      await Promise.race([this.started, this.stopped]);
      if (this.lastStatus === 'STOPPED' && this.exitCode === undefined) throw new DependencyError(`container ${containerName} did not start`);
      return;
    }
    if (condition === 'HEALTHY') return this.reachHealthy();
    await this.stopped;
    if (this.exitCode === undefined || (condition === 'SUCCESS' && this.exitCode !== 0)) {
      throw new DependencyError(`container ${containerName} ${this.exitCode === undefined ? 'did not start' : `ended with exit code ${this.exitCode}`}`);
    }
  }

  private async reachHealthy(): Promise<void> {
    await new Promise<void>((done, fail) => {
      const look = () => {
        if (this.healthStatus === 'HEALTHY') done();
        else if (this.healthStatus === 'UNHEALTHY') fail(new DependencyError(`container ${this.definition.name} is unhealthy`));
      };
      this.healthListeners.push(look);
      look();
      void this.stopped.then(() => fail(new DependencyError(`container ${this.definition.name} ended before it was healthy`)));
    });
  }

  private run(running: RunningContainer): void {
    this.running = running;
    this.lastStatus = 'RUNNING';
    const since = this.clock.now();
    void running.exited.then(async code => {
      if (this.restarts(code, since)) {
        await this.launch(this.startAgain!).catch((error: Error) => {
          this.reason = error.message;
          this.end();
        });
        return;
      }
      this.exitCode = code;
      if (code === KILLED && running.outOfMemory()) this.reason = 'OutOfMemoryError: Container killed due to memory usage';
      this.end();
    });
    if (this.definition.healthCheck) {
      this.health = new HealthMonitor(this.definition.healthCheck, running, this.clock, () => {
        this.healthListeners.forEach(listener => listener());
        this.onChange();
      });
    }
    this.markStarted();
    this.onChange();
  }

  /** By its restart policy: the task does not notice. */
  private restarts(code: number, since: number): boolean {
    const { restart } = this.definition;
    if (!restart || this.stopping || restart.ignoredExitCodes.includes(code)) return false;
    return this.clock.now() - since >= restart.attemptPeriod * 1000;
  }

  private end(): void {
    this.lastStatus = 'STOPPED';
    this.markStopped();
    this.onChange();
  }
}
