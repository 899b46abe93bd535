import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, cpSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import AdmZip from 'adm-zip';
import type { AccessKey } from '../iam/access-keys';
import { packageFile } from '../install/package-files';

export interface LambdaFunctionProps {
  readonly arn: string;
  readonly name: string;
  /** Of its role. */
  readonly accessKey: AccessKey;
  readonly handler: string;
  /** `nodejs22.x` */
  readonly runtime: string;
  readonly code: FileCode | InlineCode;
  readonly environment: Record<string, string>;
  /** Seconds. */
  readonly timeout: number;
  /** MiB; told to the function, not enforced. */
  readonly memorySize: number;
  readonly logGroupName: string;
  readonly region: string;
  /** URL of the AWS API. */
  readonly endpoint: string;
  /** Ends invocations that nobody waits for. */
  readonly signal: AbortSignal;
  /** `node_modules` folder with the AWS SDK. */
  readonly nodePath: string;
  /** Folder that the code is unpacked into. */
  readonly codeFolder: string;
  readonly logFile: string;
}

export interface FileCode {
  /** Absolute path of a folder or of a zip file. */
  readonly path: string;
  readonly packaging: 'zip' | 'file';
}

export interface InlineCode {
  readonly source: string;
}

/** After its timeout a function ends itself; one that blocks its event loop is killed these seconds later. Loading the code is not counted. */
const GRACE_SECONDS = 10;

/** A Node.js function: each invocation is a process of its own, with the variables that Lambda sets and nothing of this process's environment. */
export class LambdaFunction {
  private unpacked = false;
  /** Invocations that nobody waits for; each resolves with its problem, if it had one. */
  private readonly later = new Set<Promise<string | undefined>>();

  constructor(private readonly props: LambdaFunctionProps) {}

  get name(): string {
    return this.props.name;
  }

  get logFile(): string {
    return this.props.logFile;
  }

  /** As invocations of the type Event: the answer comes before the work. A failed one is not repeated, as it would be on AWS. */
  invokeLater(event: unknown): void {
    const invocation = this.invoke(event, this.props.signal).then(() => undefined, (error: unknown) => (error as Error).message)
      .finally(() => this.later.delete(invocation));
    this.later.add(invocation);
  }

  /** Resolves when no invocation is left that nobody waits for, with the problem of the last one that had one. */
  async idle(): Promise<string | undefined> {
    let problem: string | undefined;
    while (this.later.size > 0) {
      problem = await [...this.later][0] ?? problem;
    }
    return problem;
  }

  /** Rejects with the reason when the handler fails, takes too long or ends early. */
  async invoke(event: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.unpack();
    const { codeFolder, handler, logFile, timeout } = this.props;
    const requestId = randomUUID();
    const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${requestId.replaceAll('-', '')}`;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a', 0o600);
    writeSync(log, `START RequestId: ${requestId} (${this.props.runtime}, run by Node.js ${process.version})\n`);
    const child = spawn(process.execPath, [packageFile('lambda/lambda-runtime.js'), codeFolder, handler], {
      cwd: codeFolder, env: this.environment(logStreamName), stdio: ['pipe', log, log, 'pipe'],
    });
    closeSync(log);

    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, (timeout + GRACE_SECONDS) * 1000);
    const abort = () => child.kill('SIGKILL');
    signal.addEventListener('abort', abort, { once: true });
    try {
      const ended = new Promise<string>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`));
      });
      child.stdin!.on('error', () => {}); // a process that dies at once is reported by how it ended
      child.stdin!.write(`${JSON.stringify({ event, context: this.context(requestId, logStreamName), timeout })}\n`);
      const [how, outcome] = await Promise.all([ended, text(child.stdio[3] as NodeJS.ReadableStream)]);
      signal.throwIfAborted();
      if (timedOut) {
        throw new Error(`the function "${this.name}" timed out after ${timeout} seconds`);
      }
      if (outcome === '') {
        throw new Error(`the function "${this.name}" ended early (${how})`);
      }
      const { errorType, errorMessage } = JSON.parse(outcome) as { errorType?: string; errorMessage?: string };
      if (errorType !== undefined) {
        throw new Error(`the function "${this.name}" failed with ${errorType}: ${errorMessage}`);
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Anew in every run and away from the assembly: a `package.json` above `cdk.out` must not decide how the code is loaded. */
  private unpack(): void {
    if (this.unpacked) { return; } // an earlier invocation may still be running
    const { code, codeFolder } = this.props;
    rmSync(codeFolder, { recursive: true, force: true });
    mkdirSync(codeFolder, { recursive: true, mode: 0o700 });
    if ('source' in code) {
      writeFileSync(join(codeFolder, 'index.js'), code.source);
    } else if (code.packaging === 'zip') {
      cpSync(code.path, codeFolder, { recursive: true });
    } else {
      new AdmZip(code.path).extractAllTo(codeFolder, true);
    }
    this.unpacked = true;
  }

  private environment(logStreamName: string): Record<string, string> {
    const { codeFolder, endpoint, environment, handler, logGroupName, memorySize, name, nodePath, region, accessKey, runtime } = this.props;
    return {
      ...environment,
      AWS_ACCESS_KEY_ID: accessKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: accessKey.secretAccessKey,
      AWS_SESSION_TOKEN: accessKey.sessionToken,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
      AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
      AWS_REGION: region,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', // about this machine's Node.js, not about the function's
      HOME: codeFolder, // the user's own ~/.aws must not be read
      LAMBDA_TASK_ROOT: codeFolder,
      NODE_PATH: nodePath,
      PATH: process.env.PATH ?? '',
      TZ: ':UTC',
      _HANDLER: handler,
    };
  }

  private context(awsRequestId: string, logStreamName: string): object {
    const { arn, logGroupName, memorySize, name } = this.props;
    return {
      awsRequestId,
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      logGroupName,
      logStreamName,
      memoryLimitInMB: String(memorySize),
    };
  }
}
