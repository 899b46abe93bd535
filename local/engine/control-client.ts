import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { DeployOutput, ExecOutput, Login, Status } from './messages';
import { runningPid } from './run-lock';
import { controlSocket } from './state';
import type { ResourceEvent } from '../cloudformation';
import type { ScriptOutput } from '../ecs/cluster';
import { UserError } from '../errors';
import type { Network, Run } from '../verify/section';
import type { Trial } from '../verify/trial';

export interface ExecStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Until an engine that does not say how it is counts as one that hangs. */
const STATUS_MILLISECONDS = 30_000;

const ENDED = 'the run ended meanwhile: start it again with `npx serverless-airflow local up`';

/** Talks to the engine of a running `up`. */
export class ControlClient implements Run {
  constructor(private readonly runFolder: string) {}

  async status(): Promise<Status> {
    const hangs = new UserError(`the engine has not answered for ${STATUS_MILLISECONDS / 1000} s: \`npx serverless-airflow local down\` ends it, its log is in \`npx serverless-airflow local logs engine\``);
    const outgoing = this.request('GET', '/status').end();
    outgoing.setTimeout(STATUS_MILLISECONDS, () => outgoing.destroy(hangs));
    return this.answer(outgoing);
  }

  async logins(): Promise<Login[]> {
    return this.call('GET', '/logins');
  }

  async network(): Promise<Network> {
    return this.call('GET', '/network');
  }

  /** Runs a Python script in every running task. */
  async python(script: string, argument: string): Promise<ScriptOutput[]> {
    return this.call('POST', '/python', { script, argument });
  }

  /** Tries what every role may do. */
  async access(): Promise<Trial[]> {
    return this.call('GET', '/access');
  }

  async scale(service: string, count: number): Promise<void> {
    await this.call('POST', '/scale', { service, count });
  }

  /** Changes the stack to what its assembly says; whether anything changed. */
  async deploy(follower: (event: ResourceEvent) => void): Promise<boolean> {
    const response = await this.response(this.request('POST', '/deploy').end());
    for await (const line of createInterface({ input: response })) {
      const output = JSON.parse(line) as DeployOutput;
      if ('error' in output) throw new UserError(output.error);
      if ('changed' in output) return output.changed;
      follower(output.event);
    }
    throw new UserError('the engine ended before the deployment did: see `npx serverless-airflow local logs engine`');
  }

  /** Runs a command in a task of the service; gives its exit code. */
  async exec(service: string, argv: string[], { stdin, stdout, stderr }: ExecStreams): Promise<number> {
    const query = new URLSearchParams({ service, argv: JSON.stringify(argv) });
    const outgoing = this.request('POST', `/exec?${query}`);
    stdin.pipe(outgoing);
    const response = await this.response(outgoing);
    outgoing.on('error', () => {}); // the response fails, too
    let exitCode: number | undefined;
    try {
      for await (const line of createInterface({ input: response })) {
        const output = JSON.parse(line) as ExecOutput;
        if ('exitCode' in output) {
          exitCode = output.exitCode;
        } else {
          (output.stream === 'stdout' ? stdout : stderr).write(Buffer.from(output.data, 'base64'));
        }
      }
    } catch {} // the connection broke: there is no exit code
    stdin.unpipe(outgoing);
    stdin.destroy(); // a terminal would keep the process waiting for a key
    if (exitCode === undefined) { throw new UserError(ENDED); }
    return exitCode;
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const outgoing = this.request(method, path);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    return this.answer(outgoing);
  }

  private async answer<T>(outgoing: ClientRequest): Promise<T> {
    const body = await text(await this.response(outgoing)).catch(error => { throw error instanceof UserError ? error : new UserError(ENDED); });
    return JSON.parse(body) as T;
  }

  private request(method: string, path: string): ClientRequest {
    const outgoing = request({ socketPath: controlSocket(this.runFolder), method, path });
    outgoing.flushHeaders();
    return outgoing;
  }

  private async response(outgoing: ClientRequest): Promise<IncomingMessage> {
    const [response] = await once(outgoing, 'response').catch(async (error: Error) => {
      if (error instanceof UserError) throw error;
      const pid = await runningPid(this.runFolder);
      throw new UserError(pid === undefined ? 'it is not running: start it with `npx serverless-airflow local up`'
        : `it is being started or stopped (process ${pid}): repeat the command in a moment`);
    }) as [IncomingMessage];
    if (response.statusCode !== 200) {
      throw new UserError((JSON.parse(await text(response)) as { error: string }).error);
    }
    return response;
  }
}
