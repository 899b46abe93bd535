import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Issued } from '../iam/access-keys';
import type { Isolation } from '../isolation/isolation';

/** One container of a task, as the endpoints show it. */
export interface MetadataSubject {
  readonly address: string;
  readonly taskRole?: Issued;
  container(): object;
  task(): object;
}

const LIFETIME = 6 * 60 * 60 * 1000;

/** The endpoints of the ECS agent: credentials of the task role, and task metadata version 4. Ids cannot be guessed and answer to their task only. */
export class TaskEndpoints {
  static async listen(isolation: Isolation): Promise<TaskEndpoints> {
    const endpoints = new TaskEndpoints(isolation);
    endpoints.server.listen(isolation.metadataAddress.port, isolation.metadataAddress.host);
    await once(endpoints.server, 'listening');
    return endpoints;
  }

  private readonly server: Server;
  private readonly subjects = new Map<string, MetadataSubject>();

  private constructor(private readonly isolation: Isolation) {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  /** The variables that Fargate sets; `release` ends the answers. */
  register(subject: MetadataSubject): { environment: Record<string, string>; release: () => void } {
    const id = randomBytes(16).toString('hex');
    this.subjects.set(id, subject);
    const { host, port } = this.isolation.metadataAddress;
    const origin = port === 80 ? `http://${host}` : `http://${host}:${port}`;
    const environment: Record<string, string> = { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE', ECS_CONTAINER_METADATA_URI_V4: `${origin}/v4/${id}` };
    if (subject.taskRole) {
      // SDKs take the relative form for Fargate's address only, and plain http for loopback addresses
      if (host === '169.254.170.2') environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = `/v2/credentials/${id}`;
      else environment.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${origin}/v2/credentials/${id}`;
    }
    return { environment, release: () => this.subjects.delete(id) };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [, version, ...path] = new URL(request.url!, 'http://localhost').pathname.split('/');
    const id = version === 'v2' && path[0] === 'credentials' ? path[1] : version === 'v4' ? path[0] : undefined;
    const subject = id && this.subjects.get(id);
    // at the loopback level every client comes from 127.0.0.1
    const own = subject && (this.isolation.level === 'loopback' || request.socket.remoteAddress === subject.address);
    if (!own) return send(response, 400, { code: 'InvalidIdInRequest', message: 'CredentialsV2Request: ID not found' });
    if (version === 'v4') return sendMetadata(response, subject, path.slice(1).join('/'));
    if (!subject.taskRole) return send(response, 400, { code: 'NoIdInRequest', message: 'CredentialsV2Request: no task role' });
    const { key: { accessKeyId, secretAccessKey, sessionToken }, session } = subject.taskRole;
    return send(response, 200, {
      RoleArn: session.roleArn,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: new Date(Date.now() + LIFETIME).toISOString().replace(/\.\d+Z/, 'Z'),
    });
  }
}

function sendMetadata(response: ServerResponse, subject: MetadataSubject, path: string): void {
  if (path === '') return send(response, 200, subject.container());
  if (path === 'task') return send(response, 200, subject.task());
  if (path === 'stats' || path === 'task/stats') return send(response, 200, {});
  return send(response, 404, { code: 'NotFound', message: `no ${path} here` });
}

function send(response: ServerResponse, statusCode: number, body: object): void {
  response.writeHead(statusCode, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
