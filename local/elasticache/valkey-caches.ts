import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheDefinition, CacheEndpoint, Caches } from './definitions';
import { ValkeyServer, type ValkeyServerOptions } from './valkey-server';
import type { PrivateNames } from '../isolation/private-names';

export interface ValkeyCachesOptions extends Pick<ValkeyServerOptions, 'isolation' | 'venv' | 'trustStore' | 'tell' | 'runFolder'> {
  readonly privateNames: PrivateNames;
  readonly stateFolder: string;
  readonly logFolder: string;
}

/** ElastiCache: each replication group is one server. */
export class ValkeyCaches implements Caches {
  private readonly servers: ValkeyServer[] = [];

  constructor(private readonly options: ValkeyCachesOptions) {}

  async create(cache: CacheDefinition): Promise<CacheEndpoint> {
    const { privateNames, logFolder, ...shared } = this.options;
    const server = new ValkeyServer(cache, {
      ...shared, folder: this.folderOf(cache.identifier), logFile: join(logFolder, 'cache', cache.identifier, 'valkey.log'),
    });
    this.servers.push(server);
    await server.start();
    const endpoint = endpointOf(cache);
    await privateNames.set(endpoint.primary, [server.host]);
    await privateNames.set(endpoint.reader, [server.host]);
    return endpoint;
  }

  async delete(identifier: string): Promise<void> {
    const index = this.servers.findIndex(({ cache }) => cache.identifier === identifier);
    const [server] = index < 0 ? [] : this.servers.splice(index, 1);
    if (server) {
      await server.stop();
      const { primary, reader } = endpointOf(server.cache);
      await this.options.privateNames.set(primary, []);
      await this.options.privateNames.set(reader, []);
    }
    await rm(this.folderOf(identifier), { recursive: true, force: true });
  }

  endpoints(): { kind: string; logicalId: string; host: string; port: number }[] {
    return this.servers.map(({ cache: { identifier, port }, host }) => ({ kind: 'cache', logicalId: identifier, host, port }));
  }

  /** One sentence for each that has ended since the start. */
  news(): string[] {
    return this.servers.flatMap(({ news }) => news ?? []);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map(server => server.stop()));
  }

  private folderOf(identifier: string): string {
    return join(this.options.stateFolder, 'caches', identifier);
  }
}

function endpointOf({ domain, port }: CacheDefinition): CacheEndpoint {
  return { primary: `master.${domain}`, reader: `replica.${domain}`, port };
}
