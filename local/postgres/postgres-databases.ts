import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { DatabaseDefinition, DatabaseEndpoint, Databases } from './definitions';
import { PostgresServer } from './postgres-server';
import { UserError } from '../errors';
import type { PostgresBinaries } from '../install/npm';
import type { Isolation } from '../isolation/isolation';
import type { PrivateNames } from '../isolation/private-names';

export interface PostgresOptions {
  readonly isolation: Isolation;
  readonly privateNames: PrivateNames;
  readonly binaries: PostgresBinaries;
  readonly region: string;
  readonly stateFolder: string;
  readonly runFolder: string;
  readonly logFolder: string;
  /** What people should know at once. */
  readonly tell?: (text: string) => void;
}

/** What RDS's master user may do beyond CREATEDB and CREATEROLE; it is no superuser. */
const RDS_SUPERUSER_GRANTS = ['pg_monitor', 'pg_signal_backend', 'pg_checkpoint'];

/** RDS and Aurora PostgreSQL: each cluster or instance is one server. */
export class PostgresDatabases implements Databases {
  private readonly servers: PostgresServer[] = [];

  constructor(private readonly options: PostgresOptions) {}

  async create(database: DatabaseDefinition): Promise<DatabaseEndpoint> {
    const { binaries, isolation, runFolder, privateNames, region, logFolder, tell } = this.options;
    const [major] = database.engineVersion.split('.');
    if (major !== binaries.version.split('.')[0]) {
      throw new UserError(`${database.identifier} has the engine version ${database.engineVersion}; the local runner brings PostgreSQL ${binaries.version} only: use a version ${binaries.version.split('.')[0]}.x`);
    }
    const address = `${database.identifier.toLowerCase().slice(-63).replace(/^-+/, '')}.cluster-local.${region}.rds.amazonaws.com`;
    const server = new PostgresServer(database, {
      isolation,
      binaries,
      runFolder,
      address,
      tell,
      folder: this.folderOf(database.identifier),
      logFile: join(logFolder, 'database', database.identifier, 'postgres.log'),
    });
    this.servers.push(server);
    await server.start();
    await server.asSuperuser('postgres', client => makeMaster(client, database));
    await privateNames.set(address, [server.host]);
    return { address, port: database.port };
  }

  async setPassword(identifier: string, password: string): Promise<void> {
    const server = this.servers.find(({ database }) => database.identifier === identifier)!;
    await server.asSuperuser('postgres', client => client.query(
      `ALTER ROLE ${escapeIdentifier(server.database.masterUsername)} PASSWORD ${escapeLiteral(password)}`,
    ));
  }

  async delete(identifier: string, snapshot?: string): Promise<void> {
    const index = this.servers.findIndex(({ database }) => database.identifier === identifier);
    const [server] = index < 0 ? [] : this.servers.splice(index, 1);
    await server?.stop();
    if (server) await this.options.privateNames.set(server.address, []);
    const folder = this.folderOf(identifier);
    if (snapshot !== undefined && existsSync(folder)) {
      const snapshots = join(this.options.stateFolder, 'snapshots');
      await mkdir(snapshots, { recursive: true, mode: 0o700 });
      await rename(folder, join(snapshots, snapshot));
    }
    await rm(folder, { recursive: true, force: true });
  }

  endpoints(): { kind: string; logicalId: string; host: string; port: number }[] {
    return this.servers.map(({ database: { identifier, port }, host }) => ({ kind: 'database', logicalId: identifier, host, port }));
  }

  /** One sentence for each that has ended since the start. */
  news(): string[] {
    return this.servers.flatMap(({ news }) => news ?? []);
  }

  private folderOf(identifier: string): string {
    return join(this.options.stateFolder, 'databases', identifier);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map(server => server.stop()));
  }
}

async function makeMaster(client: Client, database: DatabaseDefinition): Promise<void> {
  const master = escapeIdentifier(database.masterUsername);
  const exists = async (catalog: string, column: string, name: string) => (await client.query(`SELECT FROM ${catalog} WHERE ${column} = $1`, [name])).rowCount === 1;
  for (const role of ['rds_superuser', database.masterUsername]) {
    if (!await exists('pg_roles', 'rolname', role)) {
      await client.query(`CREATE ROLE ${escapeIdentifier(role)}`);
    }
  }
  await client.query(`GRANT ${RDS_SUPERUSER_GRANTS.join(', ')} TO rds_superuser WITH ADMIN OPTION`);
  await client.query(`ALTER ROLE ${master} LOGIN CREATEDB CREATEROLE PASSWORD ${escapeLiteral(database.masterPassword)}`);
  await client.query(`GRANT rds_superuser TO ${master}`);
  if (database.databaseName && !await exists('pg_database', 'datname', database.databaseName)) {
    await client.query(`CREATE DATABASE ${escapeIdentifier(database.databaseName)} OWNER ${master}`);
  }
}
