import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { freePort } from '../../tools/ports';

interface Request {
  readonly services?: string[];
  readonly service?: string;
  readonly serviceName?: string;
  readonly tasks?: string[];
  readonly protectionEnabled?: boolean;
}

/** A request of the scaler to the ECS API. */
export interface Call {
  /** `UpdateService`, for example. */
  readonly action: string;
  readonly request: Request;
  /** Name of the service that it is about, or that its tasks are of. */
  readonly service: string;
  /** Since 1970. */
  readonly time: number;
}

interface Trap {
  readonly matches: (call: Call) => boolean;
  readonly moment: 'before' | 'after';
  readonly act: (call: Call) => Promise<void>;
}

/**
 * Stands between the scaler and the ECS API. Something else can happen before a request gets there, or before its answer comes back: that is when
 * a program that asks first and acts then can be wrong.
 */
export class EcsProxy {
  /** @param findApi address of the API itself; nobody is answered before it is known */
  static async listen(findApi: (proxy: EcsProxy) => string | undefined): Promise<EcsProxy> {
    const proxy = new EcsProxy(findApi);
    // not 127.0.0.1, which is a task's own address
    proxy.server.listen(await freePort(), '127.0.0.2');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** When there were requests, by service. */
  readonly calls: Call[] = [];
  private api?: string;
  private readonly server: Server;
  private readonly traps: Trap[] = [];
  /** What is being done, by service: a request that is sent again waits for it, too. */
  private readonly busy = new Map<string, Promise<void>>();
  private readonly serviceOfTask = new Map<string, string>();

  private constructor(private readonly findApi: (proxy: EcsProxy) => string | undefined) {
    this.server = createServer((incoming, response) => {
      this.answer(incoming, response).catch((error: Error) => response.writeHead(503).end(error.message));
    });
  }

  get endpoint(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  /** Acts once, at the first request that matches. Resolves when that has been done. */
  async once(moment: Trap['moment'], matches: Trap['matches'], act: Trap['act'], signal?: AbortSignal): Promise<void> {
    await new Promise<void>((done, fail) => {
      const trap: Trap = { matches, moment, act: async call => act(call).then(done, fail) };
      this.traps.push(trap);
      signal?.addEventListener('abort', () => {
        if (this.take(trap)) done();
      }, { once: true });
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    this.api ??= this.findApi(this);
    if (!this.api) throw new Error('the API is not there yet');
    const call = this.read(incoming, body);
    this.calls.push(call);
    await this.pass('before', call);
    if (response.destroyed) return; // who has asked was killed meanwhile
    const { hostname, port } = new URL(this.api);
    const outgoing = request({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers });
    outgoing.end(body);
    const [answer] = await once(outgoing, 'response') as [IncomingMessage];
    const text = await buffer(answer);
    if (call.action === 'DescribeTasks') this.remember(text);
    await this.pass('after', call);
    response.writeHead(answer.statusCode!, answer.headers).end(text);
  }

  private read(incoming: IncomingMessage, body: Buffer): Call {
    const asked = JSON.parse(body.toString()) as Request;
    const service = asked.services?.[0] ?? asked.service ?? asked.serviceName ?? this.serviceOfTask.get(asked.tasks?.[0] ?? '') ?? '';
    return { action: String(incoming.headers['x-amz-target']).split('.').at(-1)!, request: asked, service, time: Date.now() };
  }

  private remember(answer: Buffer): void {
    const { tasks = [] } = JSON.parse(answer.toString()) as { tasks?: { taskArn: string; group: string }[] };
    for (const { taskArn, group } of tasks) this.serviceOfTask.set(taskArn, group.replace('service:', ''));
  }

  private async pass(moment: Trap['moment'], call: Call): Promise<void> {
    const trap = this.traps.find(each => each.moment === moment && each.matches(call));
    if (trap && this.take(trap)) this.busy.set(call.service, trap.act(call));
    await this.busy.get(call.service);
  }

  private take(trap: Trap): boolean {
    const index = this.traps.indexOf(trap);
    if (index >= 0) this.traps.splice(index, 1);
    return index >= 0;
  }
}
