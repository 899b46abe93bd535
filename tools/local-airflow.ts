import { ChildProcess, execFile, spawn } from 'child_process';
import { join } from 'path';
import { promisify } from 'util';
import { Credentials } from './airflow-api';
import { ROOT } from './example';
import { freePort } from './ports';
import { Process, processes, processTree } from './processes';
import { until } from './wait';

const COMMAND = join(ROOT, 'bin/serverless-airflow');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Python for containers: they have the drivers and, in their environment, the access. */
const QUERY = `
import json, os, sys, psycopg2
url = os.path.expandvars(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]).replace("postgresql+psycopg2", "postgresql", 1)
with psycopg2.connect(url) as connection, connection.cursor() as cursor:
    cursor.execute(sys.argv[1])
    print(json.dumps(cursor.fetchone()))
`;
const OBJECTS = `
import json, sys, boto3
pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=sys.argv[1])
print(json.dumps([f"s3://{sys.argv[1]}/{item['Key']}" for page in pages for item in page.get("Contents", [])]))
`;
const execute = promisify(execFile);

export interface LocalAirflowOptions {
  readonly isolation?: string;
}

/** How a run ended. */
export interface Stopped {
  readonly exitCode: number | null;
  readonly seconds: number;
  /** What was running before and still is. */
  readonly left: Process[];
}

/** A cloud assembly run by `serverless-airflow local`, used through its commands as a person would. */
export class LocalAirflow {
  /** Returns when every service is healthy. */
  static async start(cloudAssembly: string, options: LocalAirflowOptions = {}): Promise<LocalAirflow> {
    const ports = { webserver: await freePort(8080), flower: await freePort(5555) };
    const isolation = options.isolation ? ['--isolation', options.isolation] : [];
    const publish = Object.entries(ports).flatMap(([service, port]) => ['--publish', `${service}=${port}`]);
    const started = performance.now();
    // A process group of its own: Ctrl-C in the terminal reaches it once, through us.
    const child = spawn(process.execPath, [COMMAND, 'local', 'up', '--app', cloudAssembly, ...isolation, ...publish], {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const forward = () => { child.kill('SIGINT'); };
    SIGNALS.forEach(signal => process.on(signal, forward));
    const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
      .finally(() => SIGNALS.forEach(signal => process.off(signal, forward)));

    const status = await until('Airflow is up', 900, async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error('`serverless-airflow local up` ended before Airflow was up');
      }
      return readStatus(cloudAssembly);
    }, 500);
    return new LocalAirflow(cloudAssembly, child, ended, status, (performance.now() - started) / 1000);
  }

  /** Forgets what earlier runs of the cloud assembly left. */
  static async deleteState(cloudAssembly: string): Promise<void> {
    await command('down', '--delete', '--app', cloudAssembly);
  }

  readonly webServer: string;
  readonly flower: string;
  readonly admin: Credentials;
  readonly flowerUser: Credentials;

  private constructor(
    private readonly cloudAssembly: string,
    private readonly child: ChildProcess,
    /** The exit code of `up`. */
    readonly ended: Promise<number | null>,
    status: Status,
    readonly startSeconds: number,
  ) {
    this.webServer = status.addresses.webserver;
    this.flower = status.addresses.flower;
    this.admin = status.credentials.webserver;
    this.flowerUser = status.credentials.flower;
  }

  /** Output of a command that runs in the service's container. */
  async exec(service: string, ...argv: string[]): Promise<string> {
    return command('exec', '--app', this.cloudAssembly, service, '--', ...argv);
  }

  /** The first row that the metadata database answers with. */
  async query<T>(sql: string): Promise<T> {
    return JSON.parse(await this.exec('scheduler', 'python', '-c', QUERY, sql));
  }

  /** URLs of all objects of a bucket. */
  async objects(bucket: string): Promise<string[]> {
    return JSON.parse(await this.exec('web-server', 'python', '-c', OBJECTS, bucket));
  }

  /** As Ctrl-C. */
  async stop(): Promise<Stopped> {
    const before = processTree(this.child.pid!);
    const asked = performance.now();
    this.child.kill('SIGINT');
    const exitCode = await this.ended;
    const seconds = (performance.now() - asked) / 1000;
    const left = processes().filter(({ pid, command: name }) => before.some(process => process.pid === pid && process.command === name));
    return { exitCode, seconds, left };
  }
}

async function command(...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [COMMAND, 'local', ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
