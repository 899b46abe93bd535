import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IsolationLevel } from './isolation';

const MIB = 1024 * 1024;
/** Of the folder of one run; the process id of its `up` follows. */
const PREFIX = 'serverless-airflow-';
const LOST = 'a task may use all memory of this machine';

/** Control groups of version 1 and 2: where they are, and the names of what is the same in both. */
const V1 = { parent: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', events: 'memory.oom_control' };
const V2 = { parent: '/sys/fs/cgroup', limit: 'memory.max', events: 'memory.events' };

export interface MemoryProbe {
  /** The control group that those of all tasks will be in; absent where limits cannot be enforced. */
  readonly folder?: string;
  /** One sentence: why not, and what is lost. */
  readonly limitation?: string;
}

/** Makes the control group of a run; to be called outside of its namespaces. What killed runs have left is removed. */
export function prepareMemoryLimits(level: IsolationLevel): MemoryProbe {
  if (level !== 'root') {
    return { limitation: `memory limits are not enforced (control groups are the superuser's, isolation is ${level}): ${LOST}` };
  }
  const { parent } = version();
  const folder = join(parent, `${PREFIX}${process.pid}`);
  try {
    leftOver(parent).forEach(removeMemoryLimits);
    if (parent === V2.parent) delegate(parent);
    mkdirSync(folder);
    if (parent === V2.parent) delegate(folder);
    const groups = new MemoryGroups(folder);
    groups.addTask('trial', 1);
    groups.removeTask('trial');
    return { folder };
  } catch (error) {
    removeMemoryLimits(folder);
    return { limitation: `memory limits are not enforced (${(error as Error).message}): ${LOST}` };
  }
}

/** A group whose last process is still ending stays: it goes with that of the run, at the latest when the next one begins. */
export function removeMemoryLimits(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeMemoryLimits(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  }
}

/** One control group for each task, and one in it for each of its containers. */
export class MemoryGroups {
  private readonly version = version();

  constructor(private readonly folder: string) {}

  addTask(id: string, limitMiB?: number): void {
    this.create(join(this.folder, id), limitMiB);
    if (this.version === V2) delegate(join(this.folder, id));
  }

  /** The container's group, which its processes have to enter. */
  addContainer(taskId: string, name: string, limitMiB?: number): string {
    const group = join(this.folder, taskId, name);
    this.create(group, limitMiB);
    return group;
  }

  removeTask(id: string): void {
    removeMemoryLimits(join(this.folder, id));
  }

  /** Whether the kernel has ended a process of the container because the container or its task has reached its limit. */
  wasExceeded(group: string): boolean {
    return existsSync(group) && /^oom_kill [1-9]/m.test(readFileSync(join(group, this.version.events), 'utf-8'));
  }

  private create(group: string, limitMiB?: number): void {
    if (!existsSync(group)) mkdirSync(group);
    if (limitMiB === undefined) return;
    writeFileSync(join(group, this.version.limit), String(limitMiB * MIB));
    // Fargate has no swap
    const swap = join(group, this.version === V1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max');
    if (existsSync(swap)) writeFileSync(swap, this.version === V1 ? String(limitMiB * MIB) : '0');
  }
}

function version(): typeof V1 {
  return existsSync(join(V1.parent, V1.limit)) ? V1 : V2;
}

/** Version 2 limits only what the group above lets it limit. */
function delegate(group: string): void {
  writeFileSync(join(group, 'cgroup.subtree_control'), '+memory');
}

function leftOver(parent: string): string[] {
  const names = readdirSync(parent).filter(name => name.startsWith(PREFIX) && !existsSync(`/proc/${name.slice(PREFIX.length)}`));
  return names.map(name => join(parent, name));
}
