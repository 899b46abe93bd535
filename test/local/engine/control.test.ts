import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ControlClient } from '../../../local/engine/control-client';
import { ControlServer, type Controllable } from '../../../local/engine/control-server';
import { RunLock } from '../../../local/engine/run-lock';
import { UserError } from '../../../local/errors';
import type { Network } from '../../../local/verify/section';
import { scratchFolder } from '../scratch-folder';

const folder = scratchFolder();
const client = new ControlClient(folder);
const scaled: unknown[] = [];
let refusal: string | undefined;
const NETWORK: Network = { enforced: true, level: 'root', servers: [{ kind: 'database', logicalId: 'Database', host: '10.0.1.11', port: 5432 }], api: { host: '169.254.1.2', port: 443 }, internet: false };
const engine: Controllable = {
  status: async () => ({ services: [], securityGroups: true, refused: [], denials: [], problems: [] }),
  logins: async () => [{ service: 'flower', username: 'admin', password: 'secret' }],
  access: async () => [],
  scale: (service, count) => {
    if (service !== 'worker') {
      throw new UserError(`no service ${service}: there are worker`);
    }
    scaled.push([service, count]);
  },
  deploy: async follower => {
    if (refusal !== undefined) throw new UserError(refusal);
    follower({ logicalId: 'Web', type: 'AWS::ECS::Service', status: 'UPDATE_COMPLETE' });
    return true;
  },
  network: () => NETWORK,
  python: async (script, argument) => [{ service: 'Worker', name: 'worker', address: '10.0.1.10', output: `${script} ${argument}` }],
  exec: (_, argv) => spawn(argv[0], argv.slice(1)),
};
let server: ControlServer;
beforeAll(async () => {
  server = await ControlServer.start(folder, engine);
});
afterAll(() => server.stop());

async function exec(script: string, input = ''): Promise<{ exitCode: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await client.exec('worker', ['sh', '-c', script], { stdin: Readable.from([input]), stdout, stderr });
  stdout.end();
  stderr.end();
  return { exitCode, out: await text(stdout), err: await text(stderr) };
}

test('answers from another process', async () => {
  expect(await client.status()).toEqual({ services: [], securityGroups: true, refused: [], denials: [], problems: [] });
  expect(await client.logins()).toEqual([{ service: 'flower', username: 'admin', password: 'secret' }]);
});

test('tells the network, and what a script says in every task', async () => {
  expect(await client.network()).toEqual(NETWORK);
  expect(await client.python('print("é")', '{}')).toEqual([{ service: 'Worker', name: 'worker', address: '10.0.1.10', output: 'print("é") {}' }]);
});

test('scales, and passes a refusal on', async () => {
  await client.scale('worker', 3);
  expect(scaled).toEqual([['worker', 3]]);

  await expect(client.scale('nobody', 1)).rejects.toThrow(new UserError('no service nobody: there are worker'));
});

test('deploys, tells each event, and passes a failure on', async () => {
  const events: unknown[] = [];
  expect(await client.deploy(event => events.push(event))).toBe(true);
  expect(events).toEqual([{ logicalId: 'Web', type: 'AWS::ECS::Service', status: 'UPDATE_COMPLETE' }]);

  refusal = 'another deployment is in progress: wait for its end';
  await expect(client.deploy(() => {})).rejects.toThrow(new UserError(refusal));
});

test('exec has input, both outputs and the exit code', async () => {
  expect(await exec('cat; echo wrong >&2; exit 7', 'text')).toEqual({ exitCode: 7, out: 'text', err: 'wrong\n' });
});

test('exec tells a signal as a shell does', async () => {
  expect((await exec('kill -KILL $$')).exitCode).toBe(137);
});

test('exec passes binary output through', async () => {
  expect((await exec('head -c 300000 /dev/zero | tr "\\0" x')).out).toHaveLength(300_000);
});

test('fails in one sentence when nothing runs', async () => {
  await expect(new ControlClient('/nowhere').status()).rejects.toThrow(new UserError('it is not running: start it with `npx serverless-airflow local up`'));
});

test('says that it is not ready where there is an `up` without an engine', async () => {
  const run = scratchFolderOf('starting');
  const lock = await RunLock.acquire(run);

  await expect(new ControlClient(run).status()).rejects.toThrow(new UserError(
    `it is being started or stopped (process ${process.pid}): repeat the command in a moment`,
  ));
  lock.release();
});

test('says that a run has ended before it answered', async () => {
  const run = scratchFolderOf('ending');
  const ends = await ControlServer.start(run, {
    ...engine,
    exec: () => {
      setImmediate(() => ends.stop());
      return spawn('sleep', ['60']);
    },
  });
  const ended = new UserError('the run ended meanwhile: start it again with `npx serverless-airflow local up`');

  await expect(new ControlClient(run).exec('worker', ['sleep', '60'], { stdin: Readable.from(['']), stdout: new PassThrough(), stderr: new PassThrough() }))
    .rejects.toThrow(ended);
});

test('what a program prints does not pile up while nobody reads it', async () => {
  const before = process.memoryUsage().rss;
  const outgoing = request({ socketPath: join(folder, 'control.sock'), method: 'POST', path: `/exec?${new URLSearchParams({ service: 'worker', argv: '["yes"]' })}` }).end();
  const [response] = await once(outgoing, 'response') as [IncomingMessage];
  await new Promise(resolve => setTimeout(resolve, 1500));
  response.destroy();

  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});

function scratchFolderOf(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
