import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AwsRequest } from './aws-request';
import { Exchange, type AwsService } from './exchange';
import { Moto, type MotoOptions } from './moto';
import { S3Mirror } from './s3-mirror';
import { SecretsMirror } from './secrets-mirror';
import { cloudFormationService, s3Service, secretsManagerService } from './services';
import type { AwsEnvironment } from '../aws-environment';
import { DeniedRequest } from '../iam/denied-request';
import type { Gate } from '../iam/gate';

export interface AwsApiOptions extends Omit<MotoOptions, 'logFile' | 'socketFolder'>, AwsEnvironment {
  readonly stateFolder: string;
  readonly runFolder: string;
  readonly logFolder: string;
  readonly gate: Gate;
}

/**
 * The AWS API of the run: a service for each name, behind the gate that every request has to pass.
 * A change is on disk before its response is sent, so that whatever a client was told survives the run.
 */
export class AwsApi {
  static async start(options: AwsApiOptions): Promise<AwsApi> {
    const { gate: { iam }, isolation, region, stateFolder, runFolder, logFolder } = options;
    const moto = await Moto.start({ ...options, socketFolder: join(runFolder, 'aws'), logFile: join(logFolder, 'aws', 'moto.log') });
    const client = { ...moto.client, region };
    const secretsManager = new SecretsManagerClient(client);
    const secrets = new SecretsMirror(secretsManager, join(stateFolder, 'secrets'));
    const objects = new S3Mirror(new S3Client({ ...client, forcePathStyle: true }), join(stateFolder, 's3'), region);
    moto.restore = async () => Promise.all([secrets.restore(), objects.restore()]);
    await moto.restore();
    const api = new AwsApi(options.gate, moto, objects);
    api.serve('s3', s3Service(iam, options, objects));
    api.serve('secretsmanager', secretsManagerService(iam, options, secrets, secretsManager));
    api.serve('cloudformation', cloudFormationService(options));
    api.server.listen(isolation.apiPort, isolation.hostAddress);
    await once(api.server, 'listening');
    return api;
  }

  private readonly server: Server;
  /** By the name in signatures. */
  private readonly services = new Map<string, AwsService>();

  private constructor(private readonly gate: Gate, private readonly moto: Moto, private readonly objects: S3Mirror) {
    this.server = createServer((incoming, response) => {
      void this.handle(incoming, response).catch(error => fail(response, error as Error));
    });
    this.server.requestTimeout = 0; // an upload takes as long as it takes
  }

  /** Adds a service, at any time: some need the address of this API first. */
  serve(name: string, service: AwsService): void {
    this.services.set(name, service);
  }

  get endpoint(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  /** Path of a file with the content of an S3 object; undefined if there is none. */
  objectFile(bucket: string, key: string): string | undefined {
    return this.objects.find(bucket, key);
  }

  /** What has ended since the start. */
  news(): string[] {
    return [this.moto.news ?? []].flat();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await this.moto.stop();
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.moto.ready;
    const request = await AwsRequest.read(incoming);
    try {
      const session = await this.gate.authenticate(request.authorization, request);
      const service = this.services.get(request.service) ?? unknownService;
      await service(new Exchange(request, session, this.gate, this.moto, { incoming, response }));
    } catch (error) {
      if (!(error instanceof DeniedRequest)) throw error;
      const { statusCode, headers, body } = error.response(request.service, request.headers['x-amz-target'] !== undefined);
      response.writeHead(statusCode, headers).end(incoming.method === 'HEAD' ? undefined : body);
      incoming.resume(); // the rest of an upload
    }
  }
}

const unknownService: AwsService = async exchange => {
  const { service } = exchange.request;
  exchange.authorize(`${service}:*`, undefined);
  throw new DeniedRequest('denied', `the local AWS API has no ${service}`);
};

/** In no protocol of AWS; every client shows the text or the status. */
function fail(response: ServerResponse, error: Error): void {
  if (!response.headersSent) {
    response.writeHead(500, { 'content-type': 'text/plain' });
  }
  response.end(`the local AWS API failed: ${error.message}`);
}
