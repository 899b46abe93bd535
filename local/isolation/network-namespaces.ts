import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { containerScript } from './container-root';
import { Firewall } from './firewall';
import { offerInternet } from './internet';
import type { ContainerSpec, Isolation, RunningContainer, TaskSpec } from './isolation';
import { MemoryGroups } from './memory';
import { dropPrivileges, tool, TOOL_PATH } from './probe';
import { exitCode, lastLine, openLog, sendSignal } from './process';
import { runTool } from './run-tool';
import { NOT_ENFORCED } from './security-groups';

const ROUTER = '169.254.1.1';
const HOST = '169.254.1.2';
/** The address that Fargate has for credentials and metadata. */
const METADATA = { host: '169.254.170.2', port: 80 };
/** Plain HTTP, but on the port of AWS's endpoints: the same rules lead there. */
const API_PORT = 443;
/** The resolver is where Fargate has it, at the VPC's second address. */
const INTERNET = { relay: { host: HOST, port: 444 }, resolver: '10.0.0.2' };
const RUN = '/run/serverless-airflow';
/** The parent of a container's init, outside of its pid namespace: ends as a shell does, with 128 + n after signal n. (`unshare --fork` says 1 after SIGKILL.) */
const TELL_SIGNAL = 'exec 4>&2 2>/dev/null; (exec "$@" 2>&4 4>&-); exit $?';

export interface NetworkNamespacesOptions {
  readonly level: 'root' | 'rootless';
  readonly dumbInit: string;
  readonly securityGroups: boolean;
  readonly memoryFolder?: string;
  readonly python: string;
  readonly internetSocket?: string;
}

interface Task {
  readonly address: string;
  readonly hostName: string;
  readonly link: string;
  /** Folder of its /etc files, shared by its containers. */
  readonly etcFolder: string;
}

/** Levels `root` and `rootless`. The engine's network namespace is the router between the tasks; the kernel removes all of it when the engine ends. */
export class NetworkNamespaces implements Isolation {
  static async create(options: NetworkNamespacesOptions): Promise<NetworkNamespaces> {
    // `ip netns` needs a /run that this user may write to; ours is invisible outside
    await runTool('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'serverless-airflow', '/run']);
    mkdirSync(RUN, { mode: 0o755 });
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    await ip(['link set lo up', ...[HOST, METADATA.host, INTERNET.resolver].map(address => `addr add ${address}/32 dev lo`)]);
    const { internetSocket } = options;
    const firewall = options.securityGroups ? await Firewall.create({
      exempt: [METADATA],
      offered: [{ host: HOST, port: API_PORT }],
      internet: internetSocket === undefined ? undefined : INTERNET,
      names: new Map([[HOST, 'AWS API']]),
    }) : undefined;
    if (internetSocket !== undefined) await offerInternet(options.python, internetSocket, INTERNET);
    return new NetworkNamespaces(options, firewall);
  }

  readonly level: 'root' | 'rootless';
  readonly hostAddress = HOST;
  readonly apiPort = API_PORT;
  readonly metadataAddress = METADATA;
  private readonly dumbInit: string;
  private readonly memory?: MemoryGroups;
  private readonly resolverConfiguration: string;
  private readonly tasks = new Map<string, Task>();
  private readonly containers = new Set<RunningContainer>();
  private names: ReadonlyMap<string, readonly string[]> = new Map();
  private created = 0;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor({ level, dumbInit, memoryFolder, internetSocket }: NetworkNamespacesOptions, private readonly firewall?: Firewall) {
    this.level = level;
    this.dumbInit = dumbInit;
    this.memory = memoryFolder === undefined ? undefined : new MemoryGroups(memoryFolder);
    this.resolverConfiguration = internetSocket === undefined ? '# private names are in /etc/hosts, there are no others\n' : `nameserver ${INTERNET.resolver}\n`;
  }

  get securityGroups() {
    return this.firewall ?? NOT_ENFORCED;
  }

  async addTask(id: string, spec: TaskSpec): Promise<string> {
    const number = this.created++;
    const address = this.freeAddress(number);
    const task: Task = { address, hostName: `ip-${address.replaceAll('.', '-')}`, link: `veth${number}`, etcFolder: `${RUN}/${id}` };
    this.tasks.set(id, task);
    mkdirSync(task.etcFolder, { mode: 0o755 });
    this.writeHosts(task);
    writeFileSync(`${task.etcFolder}/hostname`, `${task.hostName}\n`);
    writeFileSync(`${task.etcFolder}/nsswitch.conf`, 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n');
    // otherwise a name of several tasks leads to the first one only
    writeFileSync(`${task.etcFolder}/host.conf`, 'multi on\n');
    writeFileSync(`${task.etcFolder}/resolv.conf`, this.resolverConfiguration);
    this.memory?.addTask(id, spec.memory);
    await Promise.all([this.firewall?.addTask(address, spec), this.oneByOne(async () => this.link(id, task))]);
    return address;
  }

  async removeTask(id: string): Promise<void> {
    const task = this.tasks.get(id);
    if (!task) return;
    this.tasks.delete(id);
    await this.oneByOne(async () => ip([`link del ${task.link}`, `netns del ${id}`]));
    await this.firewall?.removeTask(task.address);
    this.memory?.removeTask(id);
    rmSync(task.etcFolder, { recursive: true });
  }

  async setNames(names: ReadonlyMap<string, readonly string[]>): Promise<void> {
    this.names = new Map(names);
    for (const task of this.tasks.values()) this.writeHosts(task);
  }

  async start(spec: ContainerSpec): Promise<RunningContainer> {
    const task = this.tasks.get(spec.taskId);
    if (!task) throw new Error(`no task ${spec.taskId}`);
    const folder = `${task.etcFolder}/${spec.name}`;
    mkdirSync(`${folder}/root`, { recursive: true, mode: 0o755 });
    writeFileSync(`${folder}/passwd`, passwd(spec));
    writeFileSync(`${folder}/group`, `root:x:0:\n${spec.gid === 0 ? '' : `container:x:${spec.gid}:\n`}nogroup:x:65534:\n`);
    for (const directory of spec.readonlyRootFilesystem ? [] : spec.directories.filter(({ writable }) => writable)) {
      mkdirSync(directory.host, { recursive: true });
      if (this.level === 'root') chownSync(directory.host, spec.uid, spec.gid);
    }
    const drop = dropPrivileges(this.level, spec.uid, spec.gid);
    const script = containerScript({
      mountPoint: `${folder}/root`,
      etc: [
        ...['host.conf', 'hosts', 'hostname', 'nsswitch.conf', 'resolv.conf'].map(name => `${task.etcFolder}/${name}`),
        ...['passwd', 'group'].map(name => `${folder}/${name}`),
      ],
      hostName: task.hostName,
      dumbInit: this.dumbInit,
      workingDirectory: spec.workingDirectory,
      directories: spec.directories,
      volumes: spec.volumes,
      readonlyRootFilesystem: spec.readonlyRootFilesystem,
      tmpfs: spec.tmpfs,
      drop,
    });
    const log = openLog(spec.logFile);
    const memoryGroup = this.memory?.addContainer(spec.taskId, spec.name, spec.memory);
    const [command, ...args] = [...enter(memoryGroup), tool('nsenter'),
      `--net=/run/netns/${spec.taskId}`, tool('unshare'), '-mupi', '--propagation', 'private',
      tool('sh'), '-c', TELL_SIGNAL, 'sh', tool('setpriv'), '--pdeathsig=KILL', tool('sh'), '-ec', script, 'sh', ...spec.argv];
    const child = spawn(command, args, { env: spec.environment, cwd: '/', stdio: ['ignore', log, log, 'pipe'] });
    closeSync(log);
    const container = new NamespacedContainer(child, spec, {
      drop, enter: enter(memoryGroup), outOfMemory: () => memoryGroup !== undefined && this.memory!.wasExceeded(memoryGroup),
    });
    this.containers.add(container);
    void container.exited.then(() => this.containers.delete(container));
    await container.started();
    return container;
  }

  async close(): Promise<void> {
    const containers = [...this.containers];
    for (const container of containers) container.kill();
    await Promise.all(containers.map(async container => container.exited));
    for (const id of [...this.tasks.keys()]) await this.removeTask(id);
  }

  private async link(id: string, { address, link }: Task): Promise<void> {
    await ip([
      `netns add ${id}`,
      `link add ${link} type veth peer name eth0 netns ${id}`,
      `link set ${link} up`,
      `addr add ${ROUTER}/32 dev ${link}`,
      `route add ${address}/32 dev ${link}`,
    ]);
    await ip([
      'link set lo up',
      'link set eth0 up',
      `addr add ${address}/32 dev eth0`,
      `route add ${ROUTER} dev eth0`,
      `route add default via ${ROUTER}`,
    ], id);
  }

  /** `ip netns` is not safe to run twice at once. */
  private async oneByOne(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => {});
    await done;
  }

  /** Not at once the address of a task that has just ended: names that are still cached must not lead to another service. */
  private freeAddress(number: number): string {
    const used = new Set([...this.tasks.values()].map(({ address }) => address));
    for (let offset = 0; ; offset++) {
      const host = (number + offset) % (250 * 200);
      const address = `10.0.${1 + Math.floor(host / 200)}.${10 + host % 200}`;
      if (!used.has(address)) return address;
    }
  }

  /** In place: the file is mounted into running containers. */
  private writeHosts(task: Task): void {
    const lines = ['127.0.0.1 localhost', `${task.address} ${task.hostName}`];
    for (const [name, addresses] of this.names) lines.push(...addresses.map(address => `${address} ${name}`));
    const content = lines.join('\n') + '\n';
    const path = `${task.etcFolder}/hosts`;
    if (!existsSync(path)) writeFileSync(path, '', { mode: 0o644 });
    const file = openSync(path, 'r+');
    // truncated last, so that no reader finds it empty
    writeSync(file, content, 0);
    ftruncateSync(file, Buffer.byteLength(content));
    closeSync(file);
  }
}

class NamespacedContainer implements RunningContainer {
  readonly exited: Promise<number>;
  /** The container's pid 1 as the engine sees it. */
  pid = 0;

  constructor(
    private readonly child: ChildProcess,
    private readonly spec: ContainerSpec,
    private readonly how: { readonly enter: string[]; readonly drop: string[]; outOfMemory(): boolean },
  ) {
    this.exited = exitCode(child);
  }

  async started(): Promise<void> {
    const pipe = this.child.stdio[3] as Readable;
    // not its end: the shell keeps it open as long as the container lives
    const made = await Promise.race([once(pipe, 'data').then(() => true), once(pipe, 'end').then(() => false)]);
    pipe.destroy();
    if (!made) {
      await this.exited;
      throw new Error(`its root file system could not be made: ${lastLine(this.spec.logFile)}`);
    }
    // A signal that comes before the init is ready would be lost: the kernel ignores those without a handler for pid 1.
    while (this.child.exitCode === null && this.child.signalCode === null) {
      this.pid = firstChild(this.child.pid!);
      if (this.pid && isReady(this.pid)) return;
      await sleep(2);
    }
  }

  outOfMemory(): boolean {
    return this.how.outOfMemory();
  }

  /** Not to `child`, which is a shell: its end is SIGKILL for the container. */
  signal(signal: NodeJS.Signals): void {
    sendSignal(this.pid, signal);
  }

  kill(): void {
    // everything in the pid namespace ends with its pid 1
    if (this.pid) sendSignal(this.pid, 'SIGKILL');
    else this.child.kill('SIGKILL');
  }

  exec(argv: string[], stdio: 'pipe' | 'inherit'): ChildProcess {
    const [command, ...args] = [
      ...this.how.enter, tool('nsenter'), '-t', String(this.pid), '-m', '-n', '-u', '-i', '-p',
      ...['/usr/bin/env', `PATH=${TOOL_PATH}`], ...this.how.drop,
      ...['env', '-C', this.spec.workingDirectory, `PATH=${this.spec.environment.PATH}`], ...argv,
    ];
    return spawn(command, args, { env: this.spec.environment, cwd: '/', stdio });
  }
}

/** In front of a command: makes it a member of the control group. */
function enter(memoryGroup: string | undefined): string[] {
  return memoryGroup === undefined ? [] : [tool('sh'), '-c', 'echo 0 > "$0/cgroup.procs" && exec "$@"', memoryGroup];
}

function passwd({ uid, gid }: ContainerSpec): string {
  // the images name these
  const names: Record<number, [string, string]> = { 999: ['redis', '/data'], 50000: ['airflow', '/home/airflow'] };
  const [name, home] = names[uid] ?? ['container', '/tmp'];
  return `root:x:0:0:root:/root:/bin/sh\n${uid === 0 ? '' : `${name}:x:${uid}:${gid}::${home}:/bin/sh\n`}nobody:x:65534:65534::/:/bin/false\n`;
}

async function ip(commands: string[], namespace?: string): Promise<void> {
  await runTool('ip', [...namespace ? ['-n', namespace] : [], '-batch', '-'], commands.join('\n') + '\n');
}

function firstChild(pid: number): number {
  return Number(readProc(`${pid}/task/${pid}/children`).split(' ')[0]);
}

/**
 * dumb-init passes a signal on to its child's session, which exists when the child has become the container's program.
 * (Its set of blocked signals does not tell: the kernel empties it while a process waits for a signal.)
 */
function isReady(pid: number): boolean {
  const child = firstChild(pid);
  return readProc(`${pid}/comm`) === 'dumb-init\n' && child !== 0 && readProc(`${child}/comm`) !== 'dumb-init\n';
}

function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf-8');
  } catch {
    return ''; // it has ended
  }
}
