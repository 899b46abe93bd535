import * as http from 'node:http';
import { AddressInfo } from 'node:net';
import { CustomResourceEvent } from '../../src/custom-resource/custom-resource-response';

export interface Answer {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly NoEcho: boolean;
  readonly Data: Record<string, unknown>;
}

/** The receiving end of CloudFormation's response URLs. */
export class CustomResourceServer {
  public static async start(): Promise<CustomResourceServer> {
    const server = new CustomResourceServer();
    await new Promise<void>(resolve => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  public readonly answers: Answer[] = [];
  public readonly contentTypes: (string | undefined)[] = [];
  public status = 200;
  private readonly server = http.createServer((request, response) => {
    let body = '';
    request.on('data', chunk => body += chunk);
    request.on('end', () => {
      this.answers.push(JSON.parse(body));
      this.contentTypes.push(request.headers['content-type']);
      response.writeHead(this.status).end();
    });
  });

  public get last(): Answer {
    return this.answers[this.answers.length - 1];
  }

  public event<Properties>(properties: Properties, overrides: Partial<CustomResourceEvent<Properties>> = {}): CustomResourceEvent<Properties> {
    const { port } = this.server.address() as AddressInfo;
    return {
      RequestType: 'Create',
      RequestId: '6b1f5d1e-0000-4000-8000-000000000001',
      ResponseURL: `http://127.0.0.1:${port}/stack?X-Amz-Signature=SIGNATURE`,
      StackId: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Airflow/1',
      LogicalResourceId: 'Resource',
      ResourceProperties: properties,
      ...overrides,
    };
  }

  public async stop(): Promise<void> {
    await new Promise(resolve => this.server.close(resolve));
  }
}
