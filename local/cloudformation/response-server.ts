import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Where the handlers of custom resources send their answers: stands for the pre-signed S3 URLs of CloudFormation. */
export class ResponseServer {
  static async start(): Promise<ResponseServer> {
    const waiting = new Map<string, (body: string) => void>();
    const server = createServer((request, response) => void receive(request, response, waiting));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new ResponseServer(server, waiting);
  }

  private constructor(private readonly server: Server, private readonly waiting: Map<string, (body: string) => void>) {}

  /** A URL that nobody can guess, and the first body that is sent to it. */
  expect(): { url: string; body: Promise<string>; forget: () => void } {
    const path = `/${randomBytes(24).toString('base64url')}`;
    const body = new Promise<string>(resolve => this.waiting.set(path, resolve));
    return {
      url: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`,
      body,
      forget: () => this.waiting.delete(path),
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }
}

async function receive(request: IncomingMessage, response: ServerResponse, waiting: Map<string, (body: string) => void>): Promise<void> {
  const answer = waiting.get(request.url ?? '');
  if (request.method !== 'PUT' || !answer) {
    response.writeHead(403).end();
    return;
  }
  try {
    const body = await text(request);
    waiting.delete(request.url!);
    response.writeHead(200).end();
    answer(body);
  } catch {
    response.destroy(); // the handler broke off; it may send again
  }
}
