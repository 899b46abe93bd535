import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { endpoint, tasks } from './local-aws';

/**
 * ECS as the migration's function sees it: the local AWS, which does not list the tasks that it has started. The list is made here, from what it says of them
 * elsewhere.
 */
export class EcsFront {
  public static async start(): Promise<EcsFront> {
    const front = new EcsFront();
    front.server.listen(0, '127.0.0.1');
    await once(front.server, 'listening');
    return front;
  }

  private readonly server = createServer((request, response) => {
    void this.handle(request, response).catch(error => response.writeHead(500).end(String(error)));
  });

  public get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    if (String(request.headers['x-amz-target']).endsWith('.ListTasks')) {
      const { startedBy } = JSON.parse(body.toString()) as { startedBy: string };
      const taskArns = (await tasks('')).filter(task => task.startedBy === startedBy && task.status !== 'STOPPED').map(({ task }) => task);
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify({ taskArns }));
      return;
    }
    const forwarded = send(`${endpoint}${request.url}`, { method: request.method, headers: request.headers }, answer => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', error => response.destroy(error));
    forwarded.end(body);
  }
}
