import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalCloud } from './local-cloud';
import type { AwsOptions, FromEngine } from './messages';
import { portSocket, publishedPorts } from './published-ports';
import { relay } from './relay';
import { ssmService, stacksService, stsService } from '../aws-api/services';
import { Account, CloudFormationApi, PhysicalNames, type AccountStack, type Deployment } from '../cloudformation';
import { UserError } from '../errors';
import { Denials } from '../iam/denials';

const STATUS_INTERVAL = 1000;

/** An AWS account with whatever is deployed to it. One per process. */
export class AwsEngine {
  private readonly abort = new AbortController();
  /** Of what has been started; the last comes first. */
  private readonly closers: (() => Promise<void> | void)[] = [];
  private local!: LocalCloud;
  /** Ports of services that have a socket. */
  private readonly published = new Set<string>();

  constructor(private readonly options: AwsOptions, private readonly report: (message: FromEngine) => void) {}

  /** Resolves when all stacks are back and the API can be reached. */
  async start(): Promise<void> {
    const { awsEnvironment, folders, software, socket, allowUnrealised } = this.options;
    const onStarted = (close: () => Promise<void> | void) => void this.closers.push(close);
    const local = this.local = await LocalCloud.start(awsEnvironment, {
      ...this.options,
      denials: new Denials(folders.logs, denial => this.report({ type: 'denial', denial })),
      tell: text => this.report({ type: 'note', text }),
      onStarted,
    });
    local.onServices(STATUS_INTERVAL, services => this.report({ type: 'services', services }));
    const { api, cloud, accessKeys, iam } = local;
    const account = await Account.open({
      cloud,
      folder: join(folders.state, 'stacks'),
      logFolder: folders.logs,
      nodePath: software.nodeModules,
      signal: this.abort.signal,
      assets: { get: (key, bucket) => ({ path: this.objectFile(bucket, key), packaging: 'file' }) },
      ssmParameter: name => cloud.parameters.find(name)?.value,
      allowUnrealised,
      onEvent: (stack, event) => this.report({ type: 'stack event', stack, event }),
      onDeployed: (stack, deployment) => void this.publish(stack, deployment),
    });
    onStarted(() => account.close());
    const source = { read: (bucket: string, key: string) => readFileSync(this.objectFile(bucket, key), 'utf-8') };
    api.serve('cloudformation', stacksService(new CloudFormationApi(account, source, new PhysicalNames('', awsEnvironment)), awsEnvironment));
    api.serve('sts', stsService(accessKeys, iam, awsEnvironment));
    api.serve('ssm', ssmService(cloud.parameters, awsEnvironment));
    await account.resume();
    const { hostname: host, port } = new URL(api.endpoint);
    await this.relay(socket, () => ({ host, port: Number(port) }));
    this.report({ type: 'aws', operator: accessKeys.operator });
  }

  /** At any time, in the middle of `start` too. */
  async stop(): Promise<void> {
    this.abort.abort();
    for (let close = this.closers.pop(); close; close = this.closers.pop()) {
      await close();
    }
  }

  private objectFile(bucket: string, key: string): string {
    const file = this.local.api.objectFile(bucket, key);
    if (file === undefined) throw new UserError(`S3 error: the object ${key} does not exist in the bucket ${bucket}`);
    return file;
  }

  /** The web pages of a stack's services. */
  private async publish(stack: AccountStack, deployment: Deployment): Promise<void> {
    const published = [];
    for (const port of publishedPorts({ template: stack.submission!.template }, [])) {
      const key = [stack.id, port.logicalId, port.containerPort].join(' ');
      if (this.published.has(key)) continue;
      const socket = portSocket(this.options.folders.run, this.published.size);
      this.published.add(key);
      await this.relay(socket, () => this.addressOf(stack, port.logicalId, port.containerPort));
      published.push({ ...port, socket });
    }
    this.report({ type: 'deployed', stack: stack.name, deployment, published });
  }

  private addressOf(stack: AccountStack, logicalId: string, port: number): { host: string; port: number } | undefined {
    const arn = stack.resources.find(resource => resource.logicalId === logicalId)?.physicalId;
    return arn === undefined ? undefined : this.local.addressOf(service => service.arn === arn, port);
  }

  private async relay(path: string, target: Parameters<typeof relay>[1]): Promise<void> {
    const server = await relay({ path }, target);
    this.closers.push(() => void server.close());
  }
}
