import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Images } from '../../local/ecs/image';
import { virtualEnvironment } from '../../local/install/python';
import { FLOWER } from '../../src/executor/flower';
import { freePort } from '../../tools/ports';
import { scratchFolder } from '../local/scratch-folder';
import { storeSoftware } from '../local/software';
import { until } from '../local/until';
import { almost, anyPasswords } from '../secrets/any-password';

// The program with real Flower, a real worker and a real broker. Airflow is a stand-in that starts Flower as its command does.
const folder = scratchFolder();
const children: ChildProcess[] = [];
const TOKEN = 'eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiIwMTlmIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
const CELERY = `
import os, time
from celery import Celery
app = Celery(broker=os.environ['BROKER'])
app.conf.update(worker_prefetch_multiplier=2, task_acks_late=True)
@app.task(name='execute_workload')
def execute_workload(input): time.sleep(600)
`;
const AIRFLOW = `
import os, sys
from celery import Celery
def main():
    assert sys.argv == ['airflow', 'celery', 'flower']
    options = ['--address=127.0.0.1', '--port=' + os.environ['PORT'], '--inspect-timeout=3000']
    Celery(broker=os.environ['BROKER']).start(['flower', os.environ['BROKER'], *options])
`;
const TABLE = '/tasks/datatable?draw=1&start=0&length=1000&search[value]=&order[0][column]=0&order[0][dir]=asc&columns[0][data]=name';
let python: string;
let broker: string;

function start(command: string, argv: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(command, argv, { cwd: folder, stdio: 'ignore', env: { PATH: process.env.PATH, PYTHONPATH: folder, BROKER: broker, ...env } });
  children.push(child);
  return child;
}

/** Flower with a password, and what asks it with another. */
async function startFlower(password: string) {
  const port = await freePort();
  const child = start(python, ['-c', FLOWER], { PORT: String(port), AIRFLOW_FLOWER_USERNAME: 'admin', AIRFLOW_FLOWER_PASSWORD: password });
  const ask = (path: string, given = password, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, {
    method, headers: { authorization: `Basic ${Buffer.from(`admin:${given}`).toString('base64')}` },
  });
  await until('Flower answers', async () => (await ask('/healthcheck').catch(() => undefined))?.status === 200);
  return { ask, port, stop: async () => { child.kill(); await once(child, 'exit'); } };
}

beforeAll(async () => {
  const software = await storeSoftware();
  const lockFile = join(__dirname, '../migration/programs.lock');
  python = join(await virtualEnvironment('migration-programs', '', software.python, () => {}, { lockFile }), 'bin', 'python');
  mkdirSync(join(folder, 'airflow'));
  writeFileSync(join(folder, 'airflow', '__main__.py'), AIRFLOW);
  writeFileSync(join(folder, 'workloads.py'), CELERY);
  new Images({ airflowVenvs: {}, servicesVenv: software.services, folder });
  const port = await freePort();
  broker = `redis://127.0.0.1:${port}/0`;
  start(join(folder, 'bin', 'redis-server'), ['--port', String(port), '--bind', '127.0.0.1', '--save', '']);
});
afterAll(async () => {
  await Promise.all(children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).map(child => {
    child.kill('SIGKILL');
    return once(child, 'exit');
  }));
});

describe('what Flower shows of tasks that run and tasks that wait', () => {
  let flower: Awaited<ReturnType<typeof startFlower>>;

  beforeAll(async () => {
    start(python, ['-m', 'celery', '-A', 'workloads', 'worker', '--concurrency', '1', '--hostname', 'celery@worker', '--task-events']);
    flower = await startFlower('secret');
    await until('the worker is known', async () => /celery@worker/.test(await (await flower.ask('/api/workers?refresh=1')).text()));
    const workload = JSON.stringify({ token: TOKEN, ti: { dag_id: 'orders' }, long: 'x'.repeat(2000) });
    const send = start(python, ['-c', 'import sys, workloads\nfor _ in range(2): workloads.execute_workload.delay(sys.argv[1])', workload]);
    await once(send, 'exit');
  });

  test.each([
    ['events', '/api/tasks'],
    ['answers of workers', '/api/workers?refresh=1'],
    ['the page of a worker', '/worker/celery@worker'],
    ['the table', TABLE],
  ])('%s have their arguments without the token', async (_what, path) => {
    const text = await until('both tasks are there', async () => {
      const response = await flower.ask(path, 'secret', path.startsWith('/tasks') ? 'POST' : 'GET');
      const shown = response.status === 200 ? await response.text() : '';
      return shown.split('orders').length > 2 && shown;
    });

    expect(text).not.toMatch(/eyJ/);
  });

  test.each(['apply', 'async-apply', 'send-task'])('it does not send tasks by %s', async way => {
    expect((await flower.ask(`/api/task/${way}/execute_workload`, 'secret', 'POST')).status).toBe(404);
  });
});

// each is a Flower that starts, which takes seconds
const PASSWORDS = ['fl:ow,er', `,"'\`$(id)\\%41 pässwörd 密码 🔑${anyPasswords(1).at(-1)}\n`];

test.each(PASSWORDS.map(password => [JSON.stringify(password), password]))('%s lets in, and nothing that is like it', async (_shown, password) => {
  const { ask, stop } = await startFlower(password);
  const others = almost(password);

  expect((await ask('/api/workers')).status).toBe(200);
  expect(await Promise.all(others.map(async text => [text, (await ask('/api/workers', text)).status]))).toEqual(others.map(text => [text, 401]));
  await stop();
});

test('it does not start without a password', async () => {
  const child = spawn(python, ['-c', FLOWER], { env: { PYTHONPATH: folder, AIRFLOW_FLOWER_USERNAME: 'admin', AIRFLOW_FLOWER_PASSWORD: '' } });
  let output = '';
  child.stderr.on('data', chunk => { output += chunk; });

  expect((await once(child, 'exit'))[0]).toBe(1);
  expect(output).toBe('the password of Flower is empty: give its secret a value\n');
});
