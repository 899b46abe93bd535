import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import pc from 'picocolors';
import type { GlobalOptions } from './app';
import { EngineRun, inFolders } from './engine-run';
import { eventLine } from './events';
import { summary } from './resources';
import { awsEnvironmentOf } from '../cloudformation';
import type { AwsOptions, FromEngine } from '../engine/messages';
import { relay } from '../engine/relay';
import { runningPid } from '../engine/run-lock';
import { namedStateFolders, type StateFolders } from '../engine/state';
import { UserError } from '../errors';
import type { AccessKey } from '../iam/access-keys';

export interface AwsCommandOptions extends GlobalOptions {
  readonly port: string;
  readonly account?: string;
  readonly region?: string;
  readonly internet?: boolean;
  readonly allowUnrealised?: boolean;
  readonly variables?: boolean;
}

/** Where the running one has left how to reach it. */
const VARIABLES = 'variables.json';

/** An AWS account on this machine, until Ctrl-C (exit code 130) or SIGTERM (0). */
export async function aws(options: AwsCommandOptions): Promise<number> {
  const folders = namedStateFolders('aws', options.state);
  if (options.variables) {
    const file = join(folders.run, VARIABLES);
    if (await runningPid(folders.run) === undefined || !existsSync(file)) throw new UserError('it is not running: start it with `npx serverless-airflow local aws`');
    console.log(shellLines(JSON.parse(readFileSync(file, 'utf-8')) as Record<string, string>).join('\n'));
    return 0;
  }
  return inFolders(folders, async () => new Aws(folders, options).run());
}

class Aws {
  private readonly engine: EngineRun;
  private readonly servers: Server[] = [];
  private readonly awsEnvironment;

  constructor(private readonly folders: StateFolders, private readonly options: AwsCommandOptions) {
    this.engine = new EngineRun('AWS on this machine', folders, options);
    this.awsEnvironment = awsEnvironmentOf(options);
  }

  async run(): Promise<number> {
    const socket = join(this.folders.run, 'api.sock');
    const { awsEnvironment } = this;
    const { allowUnrealised = false } = this.options;
    try {
      const server = await this.listen(Number(this.options.port), socket);
      const { port } = server.address() as AddressInfo;
      return await this.engine.run(
        options => ({ type: 'start aws', options: { ...options, awsEnvironment, socket, allowUnrealised } satisfies AwsOptions }), message => void this.show(message, port),
      );
    } finally {
      this.servers.forEach(server => server.close());
      rmSync(join(this.folders.run, VARIABLES), { force: true });
    }
  }

  private async show(message: FromEngine, apiPort: number): Promise<void> {
    const { display, isEnding } = this.engine;
    switch (message.type) {
      case 'aws':
        this.announce(message.operator, apiPort);
        break;
      case 'stack event':
        if (!message.event.status.endsWith('_IN_PROGRESS')) display.line(`${message.stack}: ${eventLine(message.event)}`);
        break;
      case 'services':
        if (!isEnding) display.update(message.services);
        break;
      case 'deployed':
        for (const { containerName, hostPort, socket } of message.published) {
          const server = await this.listen(hostPort, socket).catch(async () => this.listen(0, socket));
          display.line(`${message.stack}: ${containerName}: ${pc.bold(`http://localhost:${(server.address() as AddressInfo).port}`)}`);
        }
        for (const line of summary(message.deployment, '')) display.line(pc.dim(`${message.stack}: ${line}`));
        break;
    }
  }

  private announce({ accessKeyId, secretAccessKey, sessionToken }: AccessKey, port: number): void {
    const { region, account } = this.awsEnvironment;
    const variables = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      CDK_DEFAULT_ACCOUNT: account,
      CDK_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    writeFileSync(join(this.folders.run, VARIABLES), JSON.stringify(variables), { mode: 0o600 });
    const state = this.options.state === undefined ? '' : ` --state ${this.options.state}`;
    this.engine.display.line(pc.green(`account ${account} in ${region}: ${pc.bold(variables.AWS_ENDPOINT_URL)}`));
    this.engine.display.line(`in another terminal: eval "$(npx serverless-airflow local aws --variables${state})", then cdk bootstrap, cdk deploy …`);
  }

  private async listen(port: number, path: string): Promise<Server> {
    const server = await relay({ host: '127.0.0.1', port }, () => ({ path })).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') throw new UserError(`port ${port} on 127.0.0.1 cannot be used: choose another one with --port <number> (0 for any free one)`);
      throw error;
    });
    this.servers.push(server);
    return server;
  }
}

/** For a shell; a profile of the user would name other keys. */
function shellLines(variables: Record<string, string>): string[] {
  return [...Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`), 'unset AWS_PROFILE'];
}
