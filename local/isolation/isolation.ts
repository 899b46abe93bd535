import type { ChildProcess } from 'node:child_process';
import type { SecurityGroups } from './security-groups';

/**
 * How far tasks are kept apart.
 *
 * - `root`, `rootless`: own network, mount, pid and host name namespaces for each task, as the superuser or as anyone
 * - `loopback`: plain processes, each task on its own 127.0.x.y
 */
export type IsolationLevel = 'root' | 'rootless' | 'loopback';

/** One place where tasks run. The engine makes exactly one, inside the namespaces. */
export interface Isolation {
  readonly level: IsolationLevel;
  /** Address on which services of the engine itself (AWS API, task metadata, credentials) are reachable from every task. */
  readonly hostAddress: string;
  /** Where the AWS API listens on `hostAddress`: the port that security groups know it by, or 0 for any. */
  readonly apiPort: number;
  /** Base URL for the ECS credentials and metadata endpoints. */
  readonly metadataAddress: { host: string; port: number };
  readonly securityGroups: SecurityGroups;
  /** Give a task its network; the address is free again after `removeTask`. */
  addTask(id: string, task: TaskSpec): Promise<string>;
  removeTask(id: string): Promise<void>;
  /** Private names of all tasks, replacing the earlier ones. Running containers see it at once. */
  setNames(names: ReadonlyMap<string, readonly string[]>): Promise<void>;
  start(container: ContainerSpec): Promise<RunningContainer>;
  /** Ends every container; nothing is left of them or of their networks. */
  close(): Promise<void>;
}

export interface TaskSpec {
  /** For people. */
  readonly name: string;
  /** Ids; none: it reaches nobody and nobody but the engine reaches it. */
  readonly securityGroups: readonly string[];
  /** MiB for all of its containers together. */
  readonly memory?: number;
}

export interface ContainerSpec {
  /** The task whose network it uses (`addTask`). */
  readonly taskId: string;
  readonly name: string;
  readonly argv: string[];
  readonly environment: Record<string, string>;
  readonly uid: number;
  readonly gid: number;
  readonly workingDirectory: string;
  readonly directories: Directory[];
  /** Folders of the task's disk, there already; containers of the task can share them. */
  readonly volumes: readonly Directory[];
  /** Nothing can be written to but `tmpfs` and `volumes`: neither the writable directories nor `/tmp`, `/var/tmp` and `/run`. */
  readonly readonlyRootFilesystem: boolean;
  readonly tmpfs: readonly Tmpfs[];
  /** MiB */
  readonly memory?: number;
  /** File that standard output and error are appended to. */
  readonly logFile: string;
}

/** A host folder that the container sees. At the loopback level nothing is mounted: the container uses `host` itself. */
export interface Directory {
  readonly host: string;
  readonly container: string;
  readonly writable: boolean;
}

/** An empty file system in memory. */
export interface Tmpfs {
  readonly containerPath: string;
  /** The most that it holds, in MiB. */
  readonly size: number;
  /** As of `mount`. Like the container runtime it has neither programs nor devices by default. */
  readonly mountOptions: readonly string[];
}

export interface RunningContainer {
  /** Exit code as Docker reports it: 128 + n after signal n. */
  readonly exited: Promise<number>;
  readonly pid: number;
  /** Whether the kernel has ended one of its processes because it or its task had used up its memory. */
  outOfMemory(): boolean;
  /** To the main process, as the container runtime does. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL for every process of the container. */
  kill(): void;
  /** As ECS Exec: same namespaces, environment and user. */
  exec(argv: string[], stdio: 'pipe' | 'inherit'): ChildProcess;
}
