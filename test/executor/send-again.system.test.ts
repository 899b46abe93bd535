import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Images } from '../../local/ecs/image';
import { virtualEnvironment } from '../../local/install/python';
import { SEND_AGAIN } from '../../src/executor/send-again';
import { scratchFolder } from '../local/scratch-folder';
import { storeSoftware } from '../local/software';

// The program with real Celery and a real server, which loses what it has. Of Airflow there are stand-ins for what the program asks it.
const folder = scratchFolder();
const AIRFLOW = {
  'providers/celery/executors/celery_executor_utils.py': `
import contextlib, signal
OPERATION_TIMEOUT = 60
class AirflowTaskTimeout(BaseException): pass
@contextlib.contextmanager
def timeout(seconds):
    def end(*_): raise AirflowTaskTimeout()
    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try: yield
    finally: signal.setitimer(signal.ITIMER_REAL, 0)
`,
  'providers/celery/executors/celery_executor.py': `
import os
from celery import Celery
from types import SimpleNamespace
class CeleryExecutor:
    celery_app = Celery(broker=os.environ['BROKER'])
    jwt_generator, sentry_integration = 'generator', 'sentry'
    def __init__(self):
        self.workloads, self.running, self.queued, self.synced, self.said, self.states = {}, set(), [], 0, [], {}
        self.bulk_state_fetcher = SimpleNamespace(get_many=lambda results: {one.task_id: (self.states.get(one.task_id, 'PENDING'), None) for one in results})
        self.log = SimpleNamespace(warning=lambda text, *values: self.said.append(text % values))
    def sync(self): self.synced += 1
    def queue_workload(self, workload, session): self.queued.append(workload)
    def send(self, task, **options):
        result = self.celery_app.send_task('execute_workload', args=['{}'], queue=task.queue, task_id=task.external_executor_id, **options)
        self.workloads[task.key] = result
        self.running.add(task.key)
`,
  'executors/workloads.py': `
class ExecuteTask:
    @classmethod
    def make(cls, ti, generator, sentry_integration): return ti.key, generator, sentry_integration
`,
  'models/taskinstance.py': `
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase): pass
class TaskInstance(Base):
    __tablename__ = 'task_instance'
    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    queue: Mapped[str]
    external_executor_id: Mapped[str]
`,
  'utils/session.py': `
import contextlib
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from airflow.models.taskinstance import Base
engine = create_engine('sqlite://', poolclass=StaticPool)
Base.metadata.create_all(engine)
@contextlib.contextmanager
def create_session():
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()
`,
};
const SCENARIO = `
import os, redis, subprocess, sys, uuid
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session

client = redis.Redis(unix_socket_path=os.environ['SOCKET'])

def start():
    server = subprocess.Popen(['redis-server', '--port', '0', '--unixsocket', os.environ['SOCKET'], '--save', ''], stdout=subprocess.DEVNULL)
    while True:
        try: client.ping(); return server
        except redis.ConnectionError: time.sleep(0.02)

def lose():
    server.kill(); server.wait()

def take(queue):
    connection = executor.celery_app.connection_for_read()
    connection.SimpleQueue(queue).get()
    return connection

def become(state, key):
    with create_session() as session: session.get(TaskInstance, key).state = state

def look(what):
    executor.said, executor.queued = [], []
    executor.sync()
    print(what, executor.queued, executor.said)

executor = CeleryExecutor()
server = start()
names = {'waits': 'default', 'urgent': 'other', 'taken': 'third', 'begun': 'default', 'running': 'default'}
tasks = {}
with create_session() as session:
    for key, queue in names.items():
        tasks[key] = TaskInstance(key=key, state='queued', queue=queue, external_executor_id=str(uuid.uuid4()))
        session.add(tasks[key])
    session.add(TaskInstance(key='of another scheduler', state='queued', queue='default', external_executor_id=str(uuid.uuid4())))
for key in ('begun', 'running'): executor.send(tasks[key])
executor.states[tasks['begun'].external_executor_id] = 'STARTED'
become('running', 'running')
client.flushall()
executor.send(tasks['waits'])
executor.send(tasks['urgent'], priority=6)
executor.send(tasks['taken'])
worker = take('third')

look('not yet')
interval = 0
look('all there')
look('all there')
lose()
OPERATION_TIMEOUT = 0.2
look('away')
OPERATION_TIMEOUT = 60
server = start()
look('once')
look('twice')
print(sorted(executor.workloads), sorted(executor.running), executor.synced)
for key in ('waits', 'urgent', 'taken'): executor.send(tasks[key])
client.flushall()
look('lost again')
become('running', 'taken')
executor.states[tasks['urgent'].external_executor_id] = 'STARTED'
executor.send(tasks['waits'])
look('all begun or there')
lose()
sys.stdout.flush()
os._exit(0)
`;

test('the messages that Redis has lost are sent again, and no others', async () => {
  const software = await storeSoftware();
  const lockFile = join(__dirname, '..', 'migration', 'programs.lock');
  const python = join(await virtualEnvironment('migration-programs', '', software.python, () => {}, { lockFile }), 'bin', 'python');
  new Images({ airflowVenvs: {}, servicesVenv: software.services, folder });
  for (const [file, text] of Object.entries(AIRFLOW)) {
    mkdirSync(dirname(join(folder, 'airflow', file)), { recursive: true });
    writeFileSync(join(folder, 'airflow', file), text);
  }
  const socket = join(folder, 'redis.sock');

  const { stdout, stderr } = spawnSync(python, ['-c', `${SEND_AGAIN}\n${SCENARIO}`], {
    encoding: 'utf-8', env: { PATH: `${folder}/bin:${process.env.PATH}`, PYTHONPATH: folder, SOCKET: socket, BROKER: `redis+socket://${socket}` },
  });

  const again = (key: string) => `('${key}', 'generator', 'sentry')`;
  const said = (key: string) => `'The broker has lost the message of ${key}, it is sent again'`;
  expect(stderr).toBe('');
  const lines = stdout.split('\n');
  expect(lines.slice(0, 3)).toEqual(['not yet [] []', 'all there [] []', 'all there [] []']);
  expect(lines[3]).toMatch(/^away \[\] \["?'?Cannot look for messages that the broker has lost: /);
  expect(lines[4]).toBe('once [] []');
  expect(['waits', 'urgent', 'taken'].filter(key => lines[5].includes(again(key)) && lines[5].includes(said(key)))).toEqual(['waits', 'urgent', 'taken']);
  expect(lines[5].match(/generator/g)).toHaveLength(3);
  expect(lines.slice(6)).toEqual(["['begun', 'running'] ['begun', 'running'] 6", 'lost again [] []', 'all begun or there [] []', '']);
});
