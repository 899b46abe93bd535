import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Secret {
  ARN: string;
  Name: string;
  SecretString?: string;
  VersionIdsToStages?: Record<string, string[]>;
}

/** As much of Secrets Manager, S3 and ECS as the runner and handlers use, in memory: `npm test` must not need Python, so there is no moto. */
export class AwsStandIn {
  static async start(): Promise<AwsStandIn> {
    const standIn = new AwsStandIn();
    standIn.server.listen(0, '127.0.0.1');
    await once(standIn.server, 'listening');
    return standIn;
  }

  readonly secrets: Secret[] = [];
  /** Content by key by bucket. */
  readonly buckets = new Map<string, Map<string, string>>();
  readonly requests: string[] = [];
  private readonly server = createServer((request, response) => void this.handle(request, response));

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  secret(prefix: string): Secret {
    return this.secrets.find(({ Name }) => Name.includes(prefix))!;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const target = request.headers['x-amz-target'];
    const { status, text } = typeof target !== 'string'
      ? this.s3(request.method!, new URL(request.url!, this.endpoint), body.toString())
      : target.startsWith('secretsmanager')
        ? this.secretsManager(target.split('.')[1], JSON.parse(body.toString()) as Record<string, string>)
        : this.ecs(target.split('.')[1], JSON.parse(body.toString()) as Record<string, string>);
    response.writeHead(status).end(text);
  }

  private secretsManager(action: string, input: Record<string, string>) {
    this.requests.push(action);
    const secret = this.secrets.find(({ ARN, Name }) => ARN === input.SecretId || Name === input.SecretId);
    if (action === 'CreateSecret') {
      const [{ Value: suffix }] = input.Tags as unknown as { Value: string }[];
      this.secrets.push({ ARN: `arn:aws:secretsmanager:us-east-1:123456789012:secret:${input.Name}-${suffix}`, Name: input.Name, SecretString: input.SecretString });
    } else if (!secret || (action === 'GetSecretValue' && secret.SecretString === undefined)) {
      return { status: 400, text: JSON.stringify({ __type: 'ResourceNotFoundException' }) };
    } else if (action === 'PutSecretValue') {
      secret.SecretString = input.SecretString;
      secret.VersionIdsToStages = { version: ['AWSCURRENT'] };
    } else if (action === 'DeleteSecret') {
      this.secrets.splice(this.secrets.indexOf(secret), 1);
    }
    return { status: 200, text: JSON.stringify(secret ?? {}) };
  }

  /** Every task has succeeded when somebody looks. */
  private ecs(action: string, input: Record<string, string>) {
    this.requests.push(`${action} ${input.taskDefinition ?? ''}`);
    const task = { taskArn: 'arn:task', lastStatus: 'STOPPED', containers: [{ name: 'only', exitCode: 0 }] };
    return { status: 200, text: JSON.stringify({ tasks: [task], failures: [] }) };
  }

  private s3(method: string, url: URL, body: string) {
    const [, bucketName, ...segments] = url.pathname.split('/');
    const key = segments.map(decodeURIComponent).join('/');
    const bucket = this.buckets.get(bucketName);
    this.requests.push(`${method} ${url.pathname}`);
    if (method === 'PUT' && key === '') {
      this.buckets.set(bucketName, new Map());
    } else if (!bucket) {
      return { status: 404, text: '' };
    } else if (method === 'PUT') {
      bucket.set(key, body);
    } else if (method === 'DELETE') {
      bucket.delete(key);
    } else if (method === 'GET') {
      const contents = [...bucket].filter(([name]) => name.startsWith(url.searchParams.get('prefix') ?? '')).map(([name, content]) =>
        `<Contents><Key>${name}</Key><ETag>"${createHash('md5').update(content).digest('hex')}"</ETag></Contents>`);
      return { status: 200, text: `<ListBucketResult>${contents.join('')}</ListBucketResult>` };
    }
    return { status: 200, text: '' };
  }
}
