import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { DatabaseDefinition } from './definitions';
import { serverCertificate } from '../certificates';
import { UserError } from '../errors';
import type { PostgresBinaries } from '../install/npm';
import type { ContainerSpec, Isolation, RunningContainer } from '../isolation/isolation';
import { KeptRunning } from '../isolation/kept-running';
import { until } from '../until';

export interface PostgresServerOptions {
  readonly isolation: Isolation;
  readonly binaries: PostgresBinaries;
  /** Data, certificate and configuration; survives `down`. */
  readonly folder: string;
  /** Short path for the Unix socket, which only the engine uses. */
  readonly runFolder: string;
  readonly logFile: string;
  /** Name in the certificate. */
  readonly address: string;
  readonly tell?: (text: string) => void;
}

/** As on RDS, the superuser is somebody else than the master user. It exists on the Unix socket only. */
const SUPERUSER = 'rdsadmin';
const UID = 999;
const START_SECONDS = 60;
const STOP_TIMEOUT = 10_000;

/** One PostgreSQL server in a task of its own: TLS and scram-sha-256 for everybody. */
export class PostgresServer {
  /** IP address of the task. */
  host = '';
  private readonly server: KeptRunning;
  private readonly taskId: string;
  private readonly socketFolder: string;
  /** The same folders as the server sees them. */
  private readonly inside: { readonly prefix: string; readonly folder: string; readonly socketFolder: string };

  constructor(readonly database: DatabaseDefinition, private readonly options: PostgresServerOptions) {
    this.taskId = `database-${createHash('sha256').update(database.identifier).digest('hex').slice(0, 6)}`;
    this.socketFolder = join(options.runFolder, this.taskId);
    this.inside = options.isolation.level === 'loopback'
      ? { prefix: options.binaries.prefix, folder: options.folder, socketFolder: this.socketFolder } // nothing is mounted there
      : { prefix: '/opt/postgresql', folder: '/var/lib/postgresql', socketFolder: '/var/lib/postgresql-socket' };
    this.server = new KeptRunning({
      name: `database ${database.identifier}`,
      start: async () => this.launch(),
      untilReady: async container => this.untilReady(container),
      tell: options.tell,
    });
  }

  async start(): Promise<void> {
    const { isolation, folder } = this.options;
    for (const path of [folder, this.socketFolder]) {
      await mkdir(path, { recursive: true });
      await this.own(path, 0o700);
    }
    this.host = await isolation.addTask(this.taskId, { name: 'database', securityGroups: this.database.securityGroups });
    await this.initialize();
    await this.configure();
    await this.server.start();
  }

  get address(): string {
    return this.options.address;
  }

  /** See `KeptRunning`. */
  get news(): string | undefined {
    return this.server.news;
  }

  /** A connection as superuser; statements of it are in no log, they may hold passwords. */
  async asSuperuser<T>(database: string, work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ host: this.socketFolder, port: this.database.port, user: SUPERUSER, database });
    await client.connect();
    try {
      await client.query("SET log_min_error_statement = panic; SET log_statement = 'none'");
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** PostgreSQL's fast shutdown: sessions end, data is written. */
  async stop(): Promise<void> {
    await this.server.stop(container => {
      const killer = setTimeout(() => container.kill(), STOP_TIMEOUT);
      container.signal('SIGINT');
      void container.exited.then(() => clearTimeout(killer));
    });
    await this.options.isolation.removeTask(this.taskId);
  }

  private async initialize(): Promise<void> {
    const data = this.path('data');
    const { version } = this.options.binaries;
    if (existsSync(data)) {
      const dataVersion = (await readFile(join(data, 'PG_VERSION'), 'utf-8')).trim();
      if (dataVersion !== version.split('.')[0]) {
        throw new UserError(`the data of ${this.database.identifier} was made by PostgreSQL ${dataVersion}, this is ${version}: \`npx serverless-airflow local down --delete\` removes it`);
      }
      return;
    }
    const unfinished = this.path('data.new'); // renamed when complete: an interrupted run leaves no half database
    await rm(unfinished, { recursive: true, force: true });
    const initdb = await this.options.isolation.start(this.spec('initdb', [
      join(this.inside.prefix, 'bin', 'initdb'), '-D', this.pathInside('data.new'), '-U', SUPERUSER, '--auth=trust', '--no-sync', '--no-instructions',
      '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8',
    ]));
    const code = await initdb.exited;
    if (code !== 0) {
      throw await this.failure(`initdb ended with exit code ${code}`);
    }
    await rename(unfinished, data);
  }

  private async configure(): Promise<void> {
    const { certificate, privateKey } = await serverCertificate(this.path('tls'), this.options.address);
    const parameters = this.database.parameters;
    const transport = parameters['rds.force_ssl'] === '0' ? 'host' : 'hostssl';
    const settings: Record<string, string> = {
      max_connections: '200',
      log_min_messages: 'warning',
      ...await this.knownParameters(),
      listen_addresses: this.host,
      port: String(this.database.port),
      unix_socket_directories: this.inside.socketFolder,
      hba_file: this.pathInside('pg_hba.conf'),
      ident_file: this.pathInside('pg_ident.conf'),
      ssl: 'on',
      ssl_cert_file: this.pathInside('server.crt'),
      ssl_key_file: this.pathInside('server.key'),
      password_encryption: 'scram-sha-256',
      // the data is worth less than the seconds: a power failure may cost the local database
      fsync: 'off',
      full_page_writes: 'off',
    };
    await this.write('postgresql.conf', Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`));
    await this.write('pg_hba.conf', [`local all ${SUPERUSER} trust`, `host all ${SUPERUSER} all reject`, `${transport} all all all scram-sha-256`]);
    await this.write('pg_ident.conf', []);
    await this.write('server.crt', [certificate]);
    await this.write('server.key', [privateKey]);
  }

  /** Those of the parameter group that PostgreSQL has: `rds.*` and Aurora's own have no meaning here, formulas no value. */
  private async knownParameters(): Promise<Record<string, string>> {
    const { stdout } = await promisify(execFile)(join(this.options.binaries.prefix, 'bin', 'postgres'), ['--describe-config'], { maxBuffer: 4_000_000 });
    const known = new Set(stdout.split('\n').map(line => line.split('\t')[0]));
    return Object.fromEntries(Object.entries(this.database.parameters).filter(([name, value]) => known.has(name) && !value.includes('{')));
  }

  private async launch(): Promise<RunningContainer> {
    // of a server that was killed: nothing of it is left, but its process id may be another one's by now
    await rm(join(this.path('data'), 'postmaster.pid'), { force: true });
    await rm(join(this.socketFolder, `.s.PGSQL.${this.database.port}.lock`), { force: true });
    return this.options.isolation.start(this.spec('postgres', [
      join(this.inside.prefix, 'bin', 'postgres'), '-D', this.pathInside('data'), '-c', `config_file=${this.pathInside('postgresql.conf')}`,
    ]));
  }

  private async untilReady(container: RunningContainer): Promise<void> {
    let refusal = '';
    let exitCode: number | undefined;
    void container.exited.then(code => {
      exitCode = code;
    });
    await until(() => this.failure(`PostgreSQL accepts no connection after ${START_SECONDS} s: ${refusal}`), START_SECONDS, async () => {
      try {
        await this.asSuperuser('postgres', client => client.query('SELECT 1'));
        return true;
      } catch (error) {
        if (exitCode !== undefined) {
          throw await this.failure(`PostgreSQL ended with exit code ${exitCode}`);
        }
        refusal = (error as Error).message;
        return undefined;
      }
    }, 30);
  }

  private spec(name: string, argv: string[]): ContainerSpec {
    const { binaries, folder, logFile } = this.options;
    return {
      taskId: this.taskId,
      name,
      argv: this.asOrdinaryUser(argv),
      environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: this.inside.folder, TZ: 'UTC', DUMB_INIT_SETSID: '0' },
      uid: UID,
      gid: UID,
      workingDirectory: this.inside.folder,
      directories: [
        { host: binaries.prefix, container: this.inside.prefix, writable: false },
        { host: folder, container: this.inside.folder, writable: true },
        { host: this.socketFolder, container: this.inside.socketFolder, writable: true },
      ],
      readonlyRootFilesystem: false,
      tmpfs: [],
      volumes: [],
      logFile,
    };
  }

  /** PostgreSQL refuses to run as the superuser, who at the loopback level it would be: a user namespace calls the same user nobody. */
  private asOrdinaryUser(argv: string[]): string[] {
    if (this.options.isolation.level !== 'loopback' || process.geteuid!() !== 0) {
      return argv;
    }
    const nobody = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--'];
    if (spawnSync(nobody[0], [...nobody.slice(1), 'true']).status !== 0) {
      throw new UserError('PostgreSQL does not run as the superuser and this machine forbids user namespaces: run the command as an ordinary user');
    }
    return [...nobody, ...argv];
  }

  private async failure(what: string): Promise<UserError> {
    const log = await readFile(this.options.logFile, 'utf-8').catch(() => '');
    return new UserError(`${this.database.identifier}: ${what}; its log (${this.options.logFile}) ends with: ${log.trim().split('\n').slice(-3).join(' / ')}`);
  }

  private path(file: string): string {
    return join(this.options.folder, file);
  }

  private pathInside(file: string): string {
    return join(this.inside.folder, file);
  }

  private async write(file: string, lines: string[]): Promise<void> {
    await writeFile(this.path(file), lines.join('\n') + '\n', { mode: 0o600 });
    await this.own(this.path(file), 0o600);
  }

  /** Without namespaces of its own user ids (rootless, loopback) everything belongs to the user who runs it. */
  private async own(path: string, mode: number): Promise<void> {
    await chmod(path, mode);
    if (this.options.isolation.level === 'root') {
      await chown(path, UID, UID);
    }
  }
}
