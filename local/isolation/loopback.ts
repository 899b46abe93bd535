import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ContainerSpec, Directory, Isolation, RunningContainer } from './isolation';
import { exitCode, openLog, sendSignal } from './process';
import { NOT_ENFORCED } from './security-groups';
import { UserError } from '../errors';
import { packageFile } from '../install/package-files';
import { superviseCommand } from '../install/supervise';

/** Below the range of ports that the system gives to clients. */
const CLAIM_PORT = 20077;
const METADATA_PORT = 20080;

/** Level `loopback`: plain processes, each task on its own 127.0.<run>.<number>. Nothing is mounted, nothing is hidden. */
export class Loopback implements Isolation {
  static async create(python: string): Promise<Loopback> {
    for (let subnet = 1; subnet < 255; subnet++) {
      const claim = await listen(`127.0.${subnet}.1`, CLAIM_PORT);
      if (claim) return new Loopback(python, subnet, claim);
    }
    throw new UserError('127.0.1.1 to 127.0.254.1 are all taken by other runs: stop one of them');
  }

  readonly level = 'loopback';
  readonly apiPort = 0;
  readonly securityGroups = NOT_ENFORCED;
  readonly hostAddress: string;
  readonly metadataAddress: { host: string; port: number };
  private readonly folder: string;
  private readonly hosts: string;
  private readonly tasks = new Map<string, string>();
  private readonly containers = new Set<RunningContainer>();
  private names: ReadonlyMap<string, readonly string[]> = new Map();
  private next = 10;

  private constructor(private readonly python: string, private readonly subnet: number, private readonly claim: Server) {
    this.hostAddress = `127.0.${subnet}.1`;
    this.metadataAddress = { host: this.hostAddress, port: METADATA_PORT };
    // one folder for each claim: what a killed run has left is removed by the next one
    this.folder = join(tmpdir(), `serverless-airflow-${process.getuid!()}-${subnet}`);
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { mode: 0o700 });
    this.hosts = join(this.folder, 'hosts');
    writeFileSync(this.hosts, '');
  }

  async addTask(id: string): Promise<string> {
    const address = this.freeAddress();
    this.tasks.set(id, address);
    mkdirSync(join(this.folder, id, 'tmp'), { recursive: true });
    // what `curl localhost` means in a container
    writeFileSync(join(this.folder, id, '.curlrc'), ['localhost', '127.0.0.1'].map(host => `connect-to = "${host}::${address}:"\n`).join(''));
    return address;
  }

  async removeTask(id: string): Promise<void> {
    this.tasks.delete(id);
    rmSync(join(this.folder, id), { recursive: true, force: true });
  }

  async setNames(names: ReadonlyMap<string, readonly string[]>): Promise<void> {
    this.names = new Map(names);
    const lines = [...names].flatMap(([name, addresses]) => addresses.map(address => `${address} ${name}\n`));
    writeFileSync(`${this.hosts}.new`, lines.join(''));
    renameSync(`${this.hosts}.new`, this.hosts);
  }

  async start(spec: ContainerSpec): Promise<RunningContainer> {
    const directories = [...spec.directories, ...spec.volumes, ...this.tmpfs(spec)];
    for (const directory of directories.filter(({ writable }) => writable)) mkdirSync(directory.host, { recursive: true });
    const log = openLog(spec.logFile);
    const environment = this.environment(spec, directories);
    const workingDirectory = onHost(spec.workingDirectory, directories);
    const [python, ...supervisor] = superviseCommand({ executable: this.python });
    const supervise = (argv: string[], stdio: 'ignore' | 'pipe' | 'inherit', output: number | 'pipe' | 'inherit') => spawn(
      python, [...supervisor, ...argv],
      // a session of its own: Ctrl-C in the terminal is for the engine only
      { env: environment, cwd: workingDirectory, stdio: [stdio, output, output, 'pipe'], detached: true },
    );
    const child = supervise(spec.argv.map(argument => onHost(argument, directories)), 'ignore', log);
    closeSync(log);
    const container: RunningContainer = {
      exited: exitCode(child),
      pid: child.pid!,
      outOfMemory: () => false,
      signal: signal => sendSignal(child.pid!, signal),
      kill: () => (child.stdio[3] as Duplex).destroy(),
      exec: (argv, stdio) => supervise(argv, stdio, stdio),
    };
    this.containers.add(container);
    void container.exited.then(() => this.containers.delete(container));
    return container;
  }

  async close(): Promise<void> {
    const containers = [...this.containers];
    for (const container of containers) container.kill();
    await Promise.all(containers.map(async container => container.exited));
    await new Promise(done => this.claim.close(done));
    rmSync(this.folder, { recursive: true });
  }

  /** Neither in memory nor limited, but the container's own. */
  private tmpfs({ taskId, name, tmpfs }: ContainerSpec): Directory[] {
    return tmpfs.map(({ containerPath }) => ({ host: join(this.folder, taskId, name, containerPath), container: containerPath, writable: true }));
  }

  private environment(spec: ContainerSpec, directories: Directory[]): Record<string, string> {
    const folder = join(this.folder, spec.taskId);
    const databases = new Set([...this.names].filter(([name]) => name.endsWith('.rds.amazonaws.com')).flatMap(([, addresses]) => addresses));
    const python = packageFile('isolation/loopback');
    return {
      ...Object.fromEntries(Object.entries(spec.environment).map(([name, value]) => [name, onHost(value, directories)])),
      PYTHONPATH: spec.environment.PYTHONPATH ? `${python}:${spec.environment.PYTHONPATH}` : python,
      LOOPBACK_ADDRESS: this.tasks.get(spec.taskId)!,
      LOOPBACK_HOSTS: this.hosts,
      CURL_HOME: folder,
      TMPDIR: directories.find(({ container }) => container === '/tmp')?.host ?? join(folder, 'tmp'),
      // libpq resolves in C, where sitecustomize.py has no say; the name stays what certificates are checked against
      ...databases.size === 1 ? { PGHOSTADDR: [...databases][0] } : {},
    };
  }

  private freeAddress(): string {
    const used = new Set(this.tasks.values());
    for (let tried = 0; tried < 240; tried++) {
      const address = `127.0.${this.subnet}.${this.next}`;
      this.next = this.next === 249 ? 10 : this.next + 1;
      if (!used.has(address)) return address;
    }
    throw new UserError('at the loopback level no more than 240 tasks can run: scale down or use --isolation rootless');
  }
}

/** Nothing is mounted: a path in a folder of the container is one in the task's own folder. Programs, which have the same path here, can be below one. */
function onHost(value: string, directories: Directory[]): string {
  const [directory] = directories
    .filter(({ container }) => value === container || value.startsWith(`${container}/`))
    .sort((one, other) => other.container.length - one.container.length);
  return directory ? directory.host + value.slice(directory.container.length) : value;
}

async function listen(host: string, port: number): Promise<Server | undefined> {
  const server = createServer(connection => connection.destroy()).listen(port, host);
  return new Promise((done, fail) => {
    server.once('listening', () => done(server));
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(undefined);
      else if (error.code !== 'EADDRNOTAVAIL') fail(error);
      else fail(new UserError(`${host} is no address of this machine: ${ALIASES.replaceAll('SUBNET', host.split('.')[2])}`));
    });
  });
}

const ALIASES = 'on macOS add the addresses with `sudo sh -c \'for i in $(seq 1 60); do ifconfig lo0 alias 127.0.SUBNET.$i; done\'`';
