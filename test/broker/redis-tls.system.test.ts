import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ValkeyCaches } from '../../local/elasticache/valkey-caches';
import { virtualEnvironment } from '../../local/install/python';
import { Loopback } from '../../local/isolation/loopback';
import { PrivateNames } from '../../local/isolation/private-names';
import { TrustStore } from '../../local/isolation/trust-store';
import { AirflowBroker, ServerlessAirflow } from '../../src';
import { scratchFolder } from '../local/scratch-folder';
import { storeSoftware } from '../local/software';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

// Everybody who talks to the broker, as the template has it, with real Celery and Flower and a server with TLS.
const folder = scratchFolder();
const HOST = 'master.test.abc123.use1.cache.amazonaws.com';
const PASSWORD = 'abcdefghijklmnop0123';
const trustStore = new TrustStore(join(folder, 'trust'));
let python: string;
let isolation: Loopback;
let caches: ValkeyCaches;
let worker: ChildProcess;
let check: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  const software = await storeSoftware();
  const lockFile = join(__dirname, '../migration/programs.lock');
  python = join(await virtualEnvironment('migration-programs', '', software.python, () => {}, { lockFile }), 'bin', 'python');
  isolation = await Loopback.create(software.python.executable);
  caches = new ValkeyCaches({
    isolation,
    privateNames: new PrivateNames({ setNames: async () => {} }),
    venv: software.services,
    trustStore,
    stateFolder: join(folder, 'state'),
    runFolder: join(folder, 'run'),
    logFolder: join(folder, 'logs'),
  });
  await caches.create({ identifier: 'Cache', domain: HOST.replace('master.', ''), port: 6379, password: PASSWORD, securityGroups: [], parameters: {} });
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { broker: AirflowBroker.elastiCache() });
  const container = new SynthesizedStack(stack).containers.worker;
  const here = (value: string) => value.replace(/\$\{\w+\.PrimaryEndPoint\.Address\}/, HOST);
  check = here(container.healthCheck!.slice(container.healthCheck!.indexOf('python -c')));
  mkdirSync(join(folder, 'site'));
  writeFileSync(join(folder, 'site', 'sitecustomize.py'), `
import socket
real = socket.getaddrinfo
socket.getaddrinfo = lambda host, *args, **options: real('${caches.endpoints()[0].host}' if host == '${HOST}' else host, *args, **options)
`);
  environment = {
    ...trustStore.environment,
    PATH: `${join(python, '..')}:${process.env.PATH}`,
    PYTHONPATH: join(folder, 'site'),
    AIRFLOW_REDIS_PASSWORD: PASSWORD,
    AIRFLOW__CELERY__BROKER_URL: here(container.environment.AIRFLOW__CELERY__BROKER_URL),
  };
  worker = spawn(python, ['-c', `
import celery, os
celery.Celery(broker=os.path.expandvars(os.environ['AIRFLOW__CELERY__BROKER_URL'])).worker_main(['worker', '--pool', 'solo', '--queues', 'default,etl', '--loglevel', 'WARNING'])
`], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
});
afterAll(async () => {
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  await caches.stop();
  await isolation.close();
});

function run(code: string, more: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(python, ['-c', code], { env: { ...environment, ...more }, encoding: 'utf-8' });
  return { status, stdout: stdout.trim(), stderr };
}

test('the health check of a worker asks it over TLS', () => {
  const attempts = Array.from({ length: 10 }, () => check);
  expect(attempts.some(command => spawnSync('sh', ['-c', command], { env: environment }).status === 0)).toBe(true);

  const { status, stderr } = spawnSync('sh', ['-c', check], { env: { ...environment, SSL_CERT_FILE: join(folder, 'site', 'sitecustomize.py') }, encoding: 'utf-8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('certificate verify failed')]);
});

test('the scaler asks workers for their queues over TLS', () => {
  const program = join(__dirname, '../../src/scaler/scaler.py');
  const { stdout, stderr } = run(`
import importlib.util, json, sys, types
sys.modules.update(boto3=types.ModuleType('boto3'))
spec = importlib.util.spec_from_file_location('scaler', ${JSON.stringify(program)})
scaler = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scaler)
print(json.dumps(list(scaler.Workers(scaler.broker_url()).queues().values())))
`);

  expect([stdout, stderr]).toEqual(['[["default", "etl"]]', '']);
});

test('what looks for lost messages reads queues over TLS', () => {
  const source = readFileSync(join(__dirname, '../../src/executor/send_again.py'), 'utf-8');
  const messages = source.slice(source.indexOf('def messages('), source.indexOf('CeleryExecutor.sync = sync'));
  const { stdout, stderr } = run(`
import celery, contextlib, itertools, os
OPERATION_TIMEOUT, timeout = 60, lambda seconds: contextlib.nullcontext()
${messages}
app = celery.Celery(broker=os.path.expandvars(os.environ['AIRFLOW__CELERY__BROKER_URL']))
app.send_task('anything', queue='nobody', task_id='the-id')
print(b'the-id' in messages(app, {'nobody'}))
`);

  expect([stdout, stderr]).toEqual(['True', '']);
});

test('Flower counts what waits in queues over TLS', () => {
  const { stdout, stderr } = run(`
import asyncio, celery, os
from flower.utils.broker import Broker
app = celery.Celery(broker=os.path.expandvars(os.environ['AIRFLOW__CELERY__BROKER_URL']))
broker = Broker(app.connection().as_uri(include_password=True), http_api=None, broker_options={}, broker_use_ssl=app.conf.broker_use_ssl)
print(asyncio.run(broker.queues(['nobody'])))
`);

  expect([stdout, stderr]).toEqual(["[{'name': 'nobody', 'messages': 1}]", '']);
});
