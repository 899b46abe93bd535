import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Moto, type MotoOptions } from './moto';
import { S3Mirror } from './s3-mirror';
import { SecretsMirror } from './secrets-mirror';

/** Answers requests of the ECS API; `target` is the header X-Amz-Target. */
export type EcsApi = (target: string, body: string) => Promise<{ statusCode: number; body: string }>;

export interface AwsApiOptions extends Omit<MotoOptions, 'logFile'> {
  readonly stateFolder: string;
  readonly logFolder: string;
}

const ECS_TARGET = 'AmazonEC2ContainerServiceV20141113.';
const SECRETS_MANAGER_TARGET = 'secretsmanager.';

/**
 * The AWS API of the run: ECS is answered by the engine, S3 and Secrets Manager by moto. A change is on disk before its response
 * is sent, so that whatever a client was told survives the run.
 */
export class AwsApi {
  static async start(options: AwsApiOptions): Promise<AwsApi> {
    const { isolation, region, stateFolder, logFolder } = options;
    const moto = await Moto.start({ ...options, logFile: join(logFolder, 'aws', 'moto.log') });
    const client = { endpoint: moto.endpoint, region, credentials: { accessKeyId: 'engine', secretAccessKey: 'engine' } };
    const secrets = new SecretsMirror(new SecretsManagerClient(client), join(stateFolder, 'secrets'));
    const objects = new S3Mirror(new S3Client({ ...client, forcePathStyle: true }), join(stateFolder, 's3'), region);
    await Promise.all([secrets.restore(), objects.restore()]);
    const api = new AwsApi(moto, secrets, objects);
    api.server.listen(0, isolation.hostAddress); // every task reaches it
    await once(api.server, 'listening');
    return api;
  }

  /** Set once the cluster exists, which needs this API's address. */
  ecs?: EcsApi;
  private readonly server: Server;

  private constructor(private readonly moto: Moto, private readonly secrets: SecretsMirror, private readonly objects: S3Mirror) {
    this.server = createServer((incoming, response) => {
      void this.handle(incoming, response).catch(error => fail(response, error as Error));
    });
    this.server.requestTimeout = 0; // an upload takes as long as it takes
  }

  get endpoint(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await this.moto.stop();
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = String(incoming.headers['x-amz-target'] ?? '');
    if (target.startsWith(ECS_TARGET) && this.ecs) {
      const answer = await this.ecs(target, (await readAll(incoming)).toString());
      response.writeHead(answer.statusCode, { 'content-type': 'application/x-amz-json-1.1' }).end(answer.body);
    } else if (target.startsWith(SECRETS_MANAGER_TARGET)) {
      const body = await readAll(incoming);
      await this.forward(incoming, response, body, () => this.secrets.onRequest(target.slice(SECRETS_MANAGER_TARGET.length), body.toString()));
    } else {
      const [path] = incoming.url!.split('?'); // not `new URL()`: it would resolve the `..` of a key
      await this.forward(incoming, response, incoming, () => this.objects.onRequest(incoming.method!, path));
    }
  }

  /** Streams the request to moto and its answer back; `onSuccess` comes between the two. */
  private async forward(
    incoming: IncomingMessage, response: ServerResponse, body: Buffer | IncomingMessage, onSuccess: () => Promise<void>,
  ): Promise<void> {
    const { method, url, headers } = incoming;
    const outgoing = request({ host: this.moto.host, port: this.moto.port, method, path: url, headers });
    incoming.on('close', () => {
      if (!incoming.complete) {
        outgoing.destroy(); // the client went away in the middle
      }
    });
    if (Buffer.isBuffer(body)) {
      outgoing.end(body);
    } else {
      body.pipe(outgoing);
    }
    const [answer] = await once(outgoing, 'response') as [IncomingMessage];
    if (answer.statusCode! < 300) {
      await onSuccess();
    }
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  }
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** In no protocol of AWS; every client shows the text or the status. */
function fail(response: ServerResponse, error: Error): void {
  if (!response.headersSent) {
    response.writeHead(500, { 'content-type': 'text/plain' });
  }
  response.end(`the local AWS API failed: ${error.message}`);
}
