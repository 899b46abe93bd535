import { ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from './example';
import { freePort } from './ports';
import { Process, processes, processTree } from './processes';
import { Credentials } from '../local/airflow-api';

const COMMAND = join(ROOT, 'bin/serverless-airflow');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The first start fetches 700 MB. */
const START_MINUTES = 15;

/** Python for containers: they have the drivers and, in their environment, the access. */
const QUERY = `
import json, sys, psycopg2
from airflow.configuration import conf
url = conf.get("database", "sql_alchemy_conn").replace("postgresql+psycopg2", "postgresql", 1)
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

/** What is used of `status --json`, with `--credentials` or `--resources`. */
interface Status {
  readonly credentials?: (Credentials & { service: string })[];
  readonly outputs?: Record<string, unknown>;
  readonly denials: { component: string; action: string; resource: string }[];
  readonly services: { name: string; desiredCount: number; runningCount: number; tasks: TaskOfService[] }[];
}

/** What is used of a task of a service. */
export interface TaskOfService {
  readonly id: string;
  readonly lastStatus: string;
  readonly address?: string;
  readonly stoppedReason?: string;
}

export interface RunningService {
  readonly name: string;
  /** Ids of its running tasks. */
  readonly running: readonly string[];
}

/** How a deployment ended, and all that it printed. */
export interface Deployed {
  readonly exitCode: number;
  readonly output: string;
}

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
    // A process group of its own: Ctrl-C in the terminal reaches it once, through us. Its output is piped, or its status
    // lines, which change in place, would be written over ours.
    const child = spawn(process.execPath, [COMMAND, 'local', 'up', '--app', cloudAssembly, ...isolation, ...publish], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.pipe(process.stdout, { end: false });
    const interruption = new AbortController();
    const forward = () => {
      interruption.abort();
      child.kill('SIGINT');
    };
    SIGNALS.forEach(signal => process.on(signal, forward));
    const ended = once(child, 'exit').then(([exitCode]) => exitCode as number | null)
      .finally(() => SIGNALS.forEach(signal => process.off(signal, forward)));

    const up = new AbortController();
    await Promise.race([
      announcement(child.stdout, /everything was healthy/),
      ended.then(() => { throw new Error('`serverless-airflow local up` ended before Airflow was up'); }),
      sleep(START_MINUTES * 60_000, undefined, { signal: up.signal }).then(() => {
        forward();
        throw new Error(`Airflow is not up after ${START_MINUTES} minutes`);
      }),
    ]).finally(() => up.abort());
    const seconds = (performance.now() - started) / 1000;
    const { credentials } = await status(cloudAssembly, '--credentials');
    const login = (service: string) => credentials!.find(candidate => candidate.service === service)!;
    return new LocalAirflow(cloudAssembly, child, ended, interruption.signal, seconds, {
      webServer: { address: `http://localhost:${ports.webserver}`, login: login('web-server') },
      flower: { address: `http://localhost:${ports.flower}`, login: login('flower') },
    });
  }

  /** Forgets what earlier runs of the cloud assembly left. */
  static async deleteState(cloudAssembly: string): Promise<void> {
    await command('down', '--delete', '--app', cloudAssembly);
  }

  readonly webServer: string;
  readonly admin: Credentials;
  readonly flower: string;
  readonly flowerUser: Credentials;

  private constructor(
    private readonly cloudAssembly: string,
    private readonly child: ChildProcess,
    /** The exit code of `up`. */
    readonly ended: Promise<number | null>,
    /** Aborted when the user wants it to end. */
    readonly interrupted: AbortSignal,
    readonly startSeconds: number,
    pages: Record<'webServer' | 'flower', { address: string; login: Credentials }>,
  ) {
    this.webServer = pages.webServer.address;
    this.admin = pages.webServer.login;
    this.flower = pages.flower.address;
    this.flowerUser = pages.flower.login;
  }

  /** Output of a command that runs in the service's container. */
  async exec(service: string, ...argv: string[]): Promise<string> {
    return command('exec', '--app', this.cloudAssembly, service, '--', ...argv);
  }

  /** A command that runs in the service's container, whose output is read while it runs. */
  spawn(service: string, ...argv: string[]): ChildProcess {
    return spawn(process.execPath, [COMMAND, 'local', 'exec', '--app', this.cloudAssembly, service, '--', ...argv], { stdio: ['ignore', 'pipe', 'ignore'] });
  }

  /** What the containers of a service have written. */
  async logs(service: string): Promise<string> {
    return command('logs', '--app', this.cloudAssembly, service);
  }

  /** What the cloud assembly says now; prints how long that took. */
  async deploy(): Promise<Deployed> {
    const began = performance.now();
    const { stdout, stderr, code = 0 } = await execute(process.execPath, [COMMAND, 'local', 'deploy', '--app', this.cloudAssembly])
      .catch((error: { stdout: string; stderr: string; code: number }) => error) as { stdout: string; stderr: string; code?: number };
    console.log(`  deploy: exit code ${code}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return { exitCode: code, output: stdout + stderr };
  }

  async services(): Promise<RunningService[]> {
    const { services } = await status(this.cloudAssembly);
    return services.map(({ name, tasks }) => ({ name, running: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').map(({ id }) => id).sort() }));
  }

  /** CloudFormation's word for how the last deployment ended. */
  async stackStatus(): Promise<string> {
    const events = JSON.parse(await command('events', '--json', '--app', this.cloudAssembly)) as { type: string; status: string }[];
    return events.filter(({ type }) => type === 'AWS::CloudFormation::Stack').at(-1)!.status;
  }

  /** Changes the number of tasks of a service. */
  async scale(service: string, count: number): Promise<void> {
    await command('scale', '--app', this.cloudAssembly, `${service}=${count}`);
  }

  /** How many tasks a service has. */
  async service(name: string): Promise<{ desiredCount: number; runningCount: number }> {
    return (await status(this.cloudAssembly)).services.find(service => service.name === name)!;
  }

  /** The first row that the metadata database answers with. */
  async query<T>(sql: string): Promise<T> {
    return JSON.parse(await this.exec('scheduler', 'python', '-c', QUERY, sql));
  }

  /** URLs of all objects of a bucket. */
  async objects(bucket: string): Promise<string[]> {
    return JSON.parse(await this.exec('worker', 'python', '-c', OBJECTS, bucket));
  }

  /** Outputs of the stack. */
  async outputs(): Promise<Record<string, unknown>> {
    return (await status(this.cloudAssembly, '--resources')).outputs!;
  }

  /** Compares what every container can reach with what the template says, and prints it; an error where they differ. */
  async verify(): Promise<void> {
    const child = spawn(process.execPath, [COMMAND, 'local', 'verify', '--app', this.cloudAssembly], { stdio: ['ignore', 'inherit', 'inherit'] });
    const [exitCode] = await once(child, 'exit');
    if (exitCode !== 0) {
      throw new Error(`\`serverless-airflow local verify\` ended with ${exitCode}`);
    }
  }

  /** The tasks of a service, with those that have ended lately. */
  async tasks(service: string): Promise<TaskOfService[]> {
    const { services } = await status(this.cloudAssembly);
    return services.find(({ name }) => name === service)!.tasks;
  }

  /** One line for each thing that a component was refused so far. */
  async denials(): Promise<string[]> {
    const { denials } = await status(this.cloudAssembly);
    return denials.map(({ component, action, resource }) => `${component}: ${action} on ${resource}`);
  }

  /** As Ctrl-C does it. */
  async interrupt(): Promise<Stopped> {
    return this.stopBy(async () => {
      if (!this.interrupted.aborted) { // a second time would mean: at once
        this.child.kill('SIGINT');
      }
    });
  }

  /** As `down` does it, from another terminal. */
  async down(): Promise<Stopped> {
    return this.stopBy(() => command('down', '--app', this.cloudAssembly));
  }

  private async stopBy(ask: () => Promise<unknown>): Promise<Stopped> {
    const before = new Set(processTree(this.child.pid!).map(({ pid }) => pid));
    const asked = performance.now();
    await ask();
    const exitCode = await this.ended;
    const seconds = (performance.now() - asked) / 1000;
    // by number alone: Airflow and PostgreSQL change what `ps` shows of them; a defunct one has ended
    const left = processes().filter(({ pid, command: shown }) => before.has(pid) && !shown.endsWith('<defunct>'));
    return { exitCode, seconds, left };
  }
}

async function status(cloudAssembly: string, ...options: string[]): Promise<Status> {
  return JSON.parse(await command('status', '--json', ...options, '--app', cloudAssembly)) as Status;
}

async function command(...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [COMMAND, 'local', ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

async function announcement(output: Readable, pattern: RegExp): Promise<void> {
  await new Promise<void>(resolve => createInterface({ input: output }).on('line', line => {
    if (pattern.test(line)) {
      resolve();
    }
  }));
}
