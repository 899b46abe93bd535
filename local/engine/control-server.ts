import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import type { DeployOutput, ExecOutput, Login, Status } from './messages';
import { controlSocket } from './state';
import type { ResourceEvent } from '../cloudformation';
import type { ScriptOutput } from '../ecs/cluster';
import { UserError } from '../errors';
import type { Network } from '../verify/section';
import type { Trial } from '../verify/trial';

/** What other terminals may ask a running engine for. */
export interface Controllable {
  status(): Promise<Status>;
  logins(): Promise<Login[]>;
  access(): Promise<Trial[]>;
  scale(service: string, count: number): void;
  /** Whether anything changed. */
  deploy(follower: (event: ResourceEvent) => void): Promise<boolean>;
  exec(service: string, argv: string[]): ChildProcess;
  network(): Network;
  /** In every running task. */
  python(script: string, argument: string): Promise<ScriptOutput[]>;
}

/** HTTP on a Unix socket. Output of `exec` comes as lines of JSON, input goes in the request's body. */
export class ControlServer {
  static async start(runFolder: string, engine: Controllable): Promise<ControlServer> {
    const path = controlSocket(runFolder);
    rmSync(path, { force: true });
    const server = createServer((request, response) => {
      void answer(engine, request, response).catch((error: Error) => {
        const status = error instanceof UserError ? 400 : 500;
        if (!response.headersSent) {
          response.writeHead(status, { 'content-type': 'application/json' });
        }
        response.end(JSON.stringify({ error: error.message }));
      });
    });
    server.listen(path);
    await once(server, 'listening');
    return new ControlServer(server);
  }

  private constructor(private readonly server: Server) {}

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function answer(engine: Controllable, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, 'http://control');
  const reply = (body: unknown) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /status':
      reply(await engine.status());
      break;
    case 'GET /logins':
      reply(await engine.logins());
      break;
    case 'GET /access':
      reply(await engine.access());
      break;
    case 'GET /network':
      reply(engine.network());
      break;
    case 'POST /python': {
      const { script, argument } = await json(request) as { script: string; argument: string };
      reply(await engine.python(script, argument));
      break;
    }
    case 'POST /scale': {
      const { service, count } = await json(request) as { service: string; count: number };
      engine.scale(service, count);
      reply({});
      break;
    }
    case 'POST /deploy':
      await deploy(engine, response);
      break;
    case 'POST /exec':
      exec(engine.exec(url.searchParams.get('service')!, JSON.parse(url.searchParams.get('argv')!) as string[]), request, response);
      break;
    default:
      response.writeHead(404).end(JSON.stringify({ error: `no ${url.pathname}` }));
  }
}

/** A failure is the last line: by then the answer has begun. It goes on if the other terminal is gone. */
async function deploy(engine: Controllable, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const write = (line: DeployOutput) => response.write(JSON.stringify(line) + '\n');
  try {
    write({ changed: await engine.deploy(event => write({ event })) });
  } catch (error) {
    write({ error: (error as Error).message });
  }
  response.end();
}

function exec(child: ChildProcess, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders(); // input and output go on at the same time
  const write = (line: ExecOutput) => response.write(JSON.stringify(line) + '\n');
  const pass = (stream: 'stdout' | 'stderr', output: Readable) => output.on('data', (data: Buffer) => {
    // a program may be faster than the other terminal: what it prints must not pile up here
    if (!write({ stream, data: data.toString('base64') })) {
      output.pause();
      response.once('drain', () => output.resume());
    }
  });
  request.pipe(child.stdin!).on('error', () => {}); // it need not read its input
  pass('stdout', child.stdout!);
  pass('stderr', child.stderr!);
  child.on('error', error => write({ stream: 'stderr', data: Buffer.from(`${error.message}\n`).toString('base64') }));
  child.on('close', (code, signal) => {
    write({ exitCode: code ?? (signal === 'SIGKILL' ? 137 : 143) });
    response.end();
  });
  response.on('close', () => child.kill()); // the other terminal is gone
}
