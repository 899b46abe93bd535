import type { AddressInfo, Server } from 'node:net';
import pc from 'picocolors';
import { openApp, type App, type GlobalOptions } from './app';
import { EngineRun, inFolders } from './engine-run';
import { aboutSameApp } from './hints';
import { summary } from './resources';
import type { Deployment } from '../cloudformation';
import type { ServiceStatus } from '../ecs/cluster';
import type { FromEngine } from '../engine/messages';
import { publishedPorts, portSocket, type PublishedPort } from '../engine/published-ports';
import { relay } from '../engine/relay';
import { UserError } from '../errors';

export interface UpOptions extends GlobalOptions {
  readonly publish?: string[];
  readonly internet?: boolean;
}

/** Starts the stack and stays until Ctrl-C (exit code 130) or `down` (0). */
export async function up(options: UpOptions): Promise<number> {
  const app = openApp(options);
  const wanted = publishedPorts(app.stack, options.publish ?? []);
  return inFolders(app.folders, async () => new Up(app, wanted, options).run());
}

class Up {
  private readonly engine: EngineRun;
  private readonly servers: Server[] = [];
  /** Set while all has been created and not everything has been healthy yet. */
  private ready?: (services: readonly ServiceStatus[]) => void;

  constructor(private readonly app: App, private readonly wanted: PublishedPort[], private readonly options: UpOptions) {
    this.engine = new EngineRun(app.stack.displayName, app.folders, options);
  }

  async run(): Promise<number> {
    const { assembly, folders: { run }, stack } = this.app;
    try {
      for (const [index, port] of this.wanted.entries()) {
        this.servers.push(await this.publish(port, index));
      }
      const published = this.wanted.map((port, index) => ({ ...port, socket: portSocket(run, index) }));
      return await this.engine.run(
        options => ({ type: 'start', options: { ...options, assembly, stackName: stack.displayName, published } }), message => this.show(message),
      );
    } finally {
      this.servers.forEach(server => server.close());
    }
  }

  private show(message: FromEngine): void {
    const { display, isEnding } = this.engine;
    switch (message.type) {
      case 'resource':
        display.resource(message.event);
        break;
      case 'services':
        if (!isEnding) {
          display.update(message.services);
          this.ready?.(message.services);
        }
        break;
      case 'ready':
        this.ready = services => this.announce(services, message.deployment);
        display.update(message.services);
        this.ready(message.services);
        break;
    }
  }

  /** Once, as soon as all of it is true at the same time: a service that was healthy may have begun anew while others started. */
  private announce(services: readonly ServiceStatus[], deployment: Deployment): void {
    if (!services.every(({ steady }) => steady)) return;
    this.ready = undefined;
    const { display, began } = this.engine;
    // of the past: how they are now is below, and changes
    display.line(pc.green(`everything was healthy after ${((Date.now() - began) / 1000).toFixed(1)} s`));
    this.servers.forEach((server, index) => {
      const { port } = server.address() as AddressInfo;
      display.line(`  ${this.wanted[index].containerName}: ${pc.bold(`http://localhost:${port}`)}`);
    });
    for (const line of [...summary(deployment), 'log-in: npx serverless-airflow local status --credentials; stop: Ctrl-C']) {
      display.line(pc.dim(aboutSameApp(line, this.options)));
    }
  }

  private async publish({ containerName, hostPort }: PublishedPort, index: number): Promise<Server> {
    return relay({ host: '127.0.0.1', port: hostPort }, () => ({ path: portSocket(this.app.folders.run, index) })).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') {
        throw new UserError(`port ${hostPort} on 127.0.0.1 is ${error.code === 'EACCES' ? 'reserved' : 'in use'}: choose another one with --publish ${containerName}=<port> (0 for any free one)`);
      }
      throw error;
    });
  }
}
