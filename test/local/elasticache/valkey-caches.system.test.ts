import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheDefinition } from '../../../local/elasticache/definitions';
import { ValkeyCaches } from '../../../local/elasticache/valkey-caches';
import { Loopback } from '../../../local/isolation/loopback';
import { PrivateNames } from '../../../local/isolation/private-names';
import { TrustStore } from '../../../local/isolation/trust-store';
import { scratchFolder } from '../scratch-folder';
import { storeSoftware } from '../software';
import { until } from '../until';

const folder = scratchFolder();
const CACHE: CacheDefinition = {
  identifier: 'Cache',
  domain: 'test.abc123.use1.cache.amazonaws.com',
  port: 6379,
  password: 'a$b!c&#^<>-secret1',
  securityGroups: [],
  parameters: { 'maxmemory-policy': 'noeviction', 'reserved-memory-percent': '25' },
};
const NAMES = ['master', 'replica'].map(name => `${name}.${CACHE.domain}`);

/** With the client that Celery has; what is in the file that containers get is all that it trusts. */
const CLIENT = `
import json, os, socket, sys
import redis
address, host, commands = json.load(sys.stdin)
real = socket.getaddrinfo
socket.getaddrinfo = lambda name, *args, **options: real(address, *args, **options)
options = json.loads(os.environ['OPTIONS'])
client = redis.Redis(**{'host': host, 'port': 6379, 'ssl': True, 'ssl_cert_reqs': 'required', 'ssl_check_hostname': True, 'decode_responses': True, **options})
try:
    json.dump([client.execute_command(*command) for command in commands], sys.stdout)
except Exception as error:
    json.dump(str(error), sys.stdout)
`;

let software: Awaited<ReturnType<typeof storeSoftware>>;
let isolation: Loopback;
let caches: ValkeyCaches;
const names = new Map<string, readonly string[]>();
const told: string[] = [];
const trustStore = new TrustStore(join(folder, 'trust'));

function ask(options: object, ...commands: string[][]): unknown {
  return askAs({ host: NAMES[0] }, options, ...commands);
}

interface Client {
  readonly host: string;
  readonly environment?: NodeJS.ProcessEnv;
}

function askAs({ host, environment = trustStore.environment }: Client, options: object, ...commands: string[][]): unknown {
  const { stdout, stderr } = spawnSync(join(software.services, 'bin', 'python'), ['-c', CLIENT], {
    input: JSON.stringify([caches.endpoints()[0].host, host, commands]),
    encoding: 'utf-8',
    env: { ...environment, OPTIONS: JSON.stringify({ password: CACHE.password, ...options }) },
  });
  return stdout === '' ? stderr : JSON.parse(stdout);
}

beforeAll(async () => {
  software = await storeSoftware();
  isolation = await Loopback.create(software.python.executable);
  caches = new ValkeyCaches({
    isolation,
    privateNames: new PrivateNames({
      setNames: async all => {
        names.clear();
        all.forEach((addresses, name) => names.set(name, addresses));
      },
    }),
    venv: software.services,
    trustStore,
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    logFolder: join(folder, 'logs'),
    tell: text => told.push(text),
  });
  expect(await caches.create(CACHE)).toEqual({ primary: NAMES[0], reader: NAMES[1], port: 6379 });
});
afterAll(async () => {
  await caches.stop();
  await isolation.close();
});

test('has private names as in ElastiCache', () => {
  expect(Object.fromEntries(names)).toEqual(Object.fromEntries(NAMES.map(name => [name, [caches.endpoints()[0].host]])));
});

test('answers with TLS and the password', () => {
  expect(ask({}, ['PING'], ['SET', 'key', 'x'.repeat(200_000)], ['STRLEN', 'key'])).toEqual([true, true, 200_000]);
});

test.each([
  ['a wrong password', { password: 'wrong' }, 'invalid username-password pair or user is disabled.'],
  ['no password', { password: null }, expect.stringMatching(/^(HELLO must be called with the client already authenticated|Authentication required)/)],
])('refuses %s', (_what, options, message) => {
  expect(ask(options, ['PING'])).toEqual(message);
});

test('refuses whoever has no TLS', () => {
  expect(ask({ ssl: false, ssl_cert_reqs: undefined, ssl_check_hostname: undefined, socket_timeout: 5 }, ['PING'])).toMatch(/Connection (closed|reset)|Protocol Error|Error \d+ while/);
});

test('is not taken for another one: neither by another name, nor without its authority', () => {
  expect(askAs({ host: `x.${NAMES[0]}` }, {}, ['PING'])).toContain('Hostname mismatch');
  expect(askAs({ host: NAMES[0], environment: {} }, {}, ['PING'])).toContain('certificate verify failed');
});

test('has the parameters of its group, and not what users of ElastiCache cannot do', () => {
  expect(ask({}, ['INFO', 'memory'])).toEqual([expect.objectContaining({ maxmemory_policy: 'noeviction' })]);
  expect(ask({}, ['CONFIG', 'GET', 'requirepass'])).toContain('unknown command');
});

test('its password stands in no argument', () => {
  const { stdout } = spawnSync('ps', ['axww', '-o', 'args'], { encoding: 'utf-8' });

  expect(stdout).toContain('cache_server.py');
  expect(stdout).not.toContain(CACHE.password);
});

test('is started again when it ends, empty, and says so', async () => {
  const { stdout } = spawnSync('pgrep', ['-f', 'cache_server.py'], { encoding: 'utf-8' });
  const pids = stdout.trim().split('\n').map(Number).filter(pid => readFileSync(`/proc/${pid}/environ`, 'utf-8').includes(join(folder, 'run')));
  expect(pids.length).toBeGreaterThan(0);
  pids.forEach(pid => process.kill(pid, 'SIGKILL'));

  await until('the next start', () => told.length === 2);
  expect(told[1]).toBe('cache Cache runs again (started again 1 times, the last time because it ended with exit code 137)');
  expect(caches.news()).toEqual([told[1]]);
  expect(ask({}, ['EXISTS', 'key'])).toEqual([0]);
});

test('a deleted one leaves no name', async () => {
  await caches.delete('Cache');

  expect([...names]).toEqual([]);
  expect(caches.endpoints()).toEqual([]);
});
