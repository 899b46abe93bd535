import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AwsRequest } from './aws-request';
import { Moto, type MotoOptions } from './moto';
import { S3Mirror } from './s3-mirror';
import { SecretsMirror } from './secrets-mirror';
import type { Session } from '../iam/access-keys';
import { actionsOfCloudFormation } from './actions/cloudformation';
import { actionsOfEcs, type EcsLookup } from './actions/ecs';
import { actionsOfS3, listingOf } from './actions/s3';
import { actionsOfSecretsManager } from './actions/secrets-manager';
import type { Gate } from '../iam/gate';
import { Refused } from '../iam/refused';

/** Answers requests of the ECS API; `target` is the header X-Amz-Target. */
export interface EcsApi extends EcsLookup {
  handle(target: string, body: string): Promise<{ statusCode: number; body: string }>;
}

export interface AwsApiOptions extends Omit<MotoOptions, 'logFile' | 'socketFolder'> {
  readonly partition: string;
  readonly stateFolder: string;
  readonly runFolder: string;
  readonly logFolder: string;
  readonly gate: Gate;
}

const ECS_TARGET = 'AmazonEC2ContainerServiceV20141113.';
const SECRETS_MANAGER_TARGET = 'secretsmanager.';

/**
 * The AWS API of the run: ECS is answered by the engine, S3 and Secrets Manager by moto, after the gate has let the request pass.
 * A change is on disk before its response is sent, so that whatever a client was told survives the run.
 */
export class AwsApi {
  static async start(options: AwsApiOptions): Promise<AwsApi> {
    const { isolation, region, stateFolder, runFolder, logFolder } = options;
    const moto = await Moto.start({ ...options, socketFolder: join(runFolder, 'aws'), logFile: join(logFolder, 'aws', 'moto.log') });
    const client = { ...moto.client, region };
    const secretsManager = new SecretsManagerClient(client);
    const secrets = new SecretsMirror(secretsManager, join(stateFolder, 'secrets'));
    const objects = new S3Mirror(new S3Client({ ...client, forcePathStyle: true }), join(stateFolder, 's3'), region);
    await Promise.all([secrets.restore(), objects.restore()]);
    const api = new AwsApi(options, moto, secretsManager, secrets, objects);
    api.server.listen(isolation.apiPort, isolation.hostAddress);
    await once(api.server, 'listening');
    return api;
  }

  /** Set once the cluster exists, which needs this API's address. */
  ecs?: EcsApi;
  private readonly server: Server;

  private constructor(
    private readonly options: AwsApiOptions,
    private readonly moto: Moto,
    private readonly secretsManager: SecretsManagerClient,
    private readonly secrets: SecretsMirror,
    private readonly objects: S3Mirror,
  ) {
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
    const request = await AwsRequest.read(incoming);
    try {
      const session = await this.options.gate.authenticate(request.authorization, request);
      await this.serve(request, session, incoming, response);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { statusCode, headers, body } = error.response(request.service, request.headers['x-amz-target'] !== undefined);
      response.writeHead(statusCode, headers).end(incoming.method === 'HEAD' ? undefined : body);
      incoming.resume(); // the rest of an upload
    }
  }

  private async serve(request: AwsRequest, session: Session | 'operator', incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gate, partition, region, account } = this.options;
    const prefix = (service: string) => `arn:${partition}:${service}:${region}:${account}`;
    switch (request.service) {
      case 's3': {
        const s3 = request.s3();
        gate.authorize(session, s3.operation, s3.isWellFormed ? actionsOfS3(s3, gate.iam, { partition, region }) : undefined);
        await this.forward(request, s3.path, incoming, response, {
          onSuccess: () => this.objects.onRequest(request.method, s3.path.split('?')[0]),
          // who may not list is not told that an object is missing
          onMissing: () => s3.key !== '' && gate.authorize(session, s3.operation, [listingOf(s3.bucket, partition)]),
        });
        break;
      }
      case 'secretsmanager': {
        const operation = request.operation(SECRETS_MANAGER_TARGET);
        const actions = await actionsOfSecretsManager(operation, request.json(), gate.iam, region, name => this.arnOfSecret(name));
        gate.authorize(session, `secretsmanager:${operation}`, actions);
        await this.forward(request, '/', incoming, response, { onSuccess: () => this.secrets.onRequest(operation, String(request.body)) });
        break;
      }
      case 'ecs': {
        const operation = request.operation(ECS_TARGET);
        gate.authorize(session, `ecs:${operation}`, actionsOfEcs(operation, request.json(), this.ecs!, prefix('ecs')));
        const answer = await this.ecs!.handle(`${ECS_TARGET}${operation}`, String(request.body));
        response.writeHead(answer.statusCode, { 'content-type': 'application/x-amz-json-1.1' }).end(answer.body);
        break;
      }
      case 'cloudformation': {
        const input = new URLSearchParams(String(request.body));
        const operation = String(input.get('Action'));
        gate.authorize(session, `cloudformation:${operation}`, actionsOfCloudFormation(operation, input, prefix('cloudformation')));
        await this.forward(request, '/', incoming, response, {});
        break;
      }
      default:
        gate.authorize(session, `${request.service}:*`, undefined);
        throw new Refused('denied', `the local AWS API has no ${request.service}`);
    }
  }

  private async arnOfSecret(name: string): Promise<string> {
    const secret = await this.secretsManager.send(new DescribeSecretCommand({ SecretId: name })).catch(() => undefined);
    return secret?.ARN ?? name; // as AWS, which then says that nobody may read it
  }

  /** Streams the request to moto and its answer back. */
  private async forward(request: AwsRequest, path: string, incoming: IncomingMessage, response: ServerResponse, hooks: {
    /** Before the answer. */
    onSuccess?: () => Promise<void>;
    /** The answer is that there is no such thing; throws to give another one. */
    onMissing?: () => void;
  }): Promise<void> {
    const outgoing = this.moto.request(request.method, path, request.headers);
    incoming.on('close', () => {
      if (!incoming.complete) {
        outgoing.destroy(); // the client went away in the middle
      }
    });
    if (request.body) {
      outgoing.end(request.body);
    } else {
      incoming.pipe(outgoing);
    }
    const [answer] = await once(outgoing, 'response') as [IncomingMessage];
    if (answer.statusCode! < 300) {
      await hooks.onSuccess?.();
    } else if (answer.statusCode === 404 && ['GET', 'HEAD'].includes(request.method)) {
      hooks.onMissing?.();
    }
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  }
}

/** In no protocol of AWS; every client shows the text or the status. */
function fail(response: ServerResponse, error: Error): void {
  if (!response.headersSent) {
    response.writeHead(500, { 'content-type': 'text/plain' });
  }
  response.end(`the local AWS API failed: ${error.message}`);
}
