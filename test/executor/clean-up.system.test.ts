import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { virtualEnvironment } from '../../local/install/python';
import { CLEAN_UP } from '../../src/executor/clean-up';
import { roomCheck } from '../../src/fargate/health-check';
import { scratchFolder } from '../local/scratch-folder';
import { storeSoftware } from '../local/software';

// The program with tasks of real Celery, on a real disk in memory that they fill.
const NAMESPACE = ['unshare', '--user', '--map-root-user', '--mount'];
const able = spawnSync(NAMESPACE[0], [...NAMESPACE.slice(1), 'true']).status === 0;
const folder = scratchFolder();
const SCENARIO = `
import subprocess
from celery import Celery
app = Celery(broker='memory://', set_as_current=True)
app.conf.task_always_eager = True
names = lambda: sorted(path.name.split('-')[0] for path in shared.rglob('*'))
room = lambda: subprocess.call(['sh', '-c', os.environ['ROOM']])

@app.task
def task(work):
    exec(work, globals())
    time.sleep(0.05)

def beside(work):
    ready, end = os.pipe(), os.pipe()
    if os.fork() == 0:
        task.delay(f"os.write({ready[1]}, b'x'); os.read({end[0]}, 1); {work}")
        os._exit(0)
    os.read(ready[0], 1)
    return lambda: (os.write(end[1], b'x'), os.wait())

fill = "with contextlib.suppress(OSError):\\n    with open(shared / 'left', 'wb') as file:\\n        while file.write(bytes(1 << 20)): file.flush()"
print('empty', names(), room())
(shared / 'pymp-x').mkdir()
task.delay(fill + "\\nprint('full', names(), room())\\nopen(shared / 'more', 'w')")
print('after', names(), room())

task.delay("print('temporary', Path(tempfile.mkdtemp()).parent == folder == Path(subprocess.getoutput('echo $TMPDIR')), folder.parent == shared)")
task.delay("(folder / 'read-only').mkdir(); (folder / 'read-only' / 'file').touch(); (folder / 'read-only').chmod(0o500); (shared / 'dangling').symlink_to('nowhere')")
print('after', names())

(shared / '.cache').mkdir()
(shared / '.cache' / 'uv').touch()
(shared / 'old').touch()
time.sleep(0.05)
end = beside('pass')
task.delay("(shared / 'new').touch()")
print('beside', names())
end()
print('after', names())
task.delay("(shared / '.cache' / 'uv').write_bytes(bytes(5 << 20))")
print('after', names())

(logs / 'dag').mkdir(parents=True)
for size in 1, 5:
    (logs / 'dag' / 'attempt=1.log').write_bytes(bytes(size << 20))
    time.sleep(0.05)
    task.delay('pass')
    print('logs', list(logs.rglob('*.log')) != [])

dead = os.fork()
if dead == 0: make_folder(); os._exit(0)
os.wait()
print('killed', names())
time.sleep(0.05)
task.delay('pass')
print('after', names())
`;

(able ? test : test.skip)('what a task leaves behind goes with it, unless another one runs that may have made it', async () => {
  const software = await storeSoftware();
  const lockFile = join(__dirname, '..', 'migration', 'programs.lock');
  const python = join(await virtualEnvironment('migration-programs', '', software.python, () => {}, { lockFile }), 'bin', 'python');
  const disk = join(folder, 'tmp');
  mkdirSync(disk);

  const { stdout, stderr } = spawnSync(NAMESPACE[0], [
    ...NAMESPACE.slice(1), 'sh', '-ec', 'mount -t tmpfs -o size=8m tmpfs "$TMPDIR"; exec "$@"', 'sh', python, '-uc', `${CLEAN_UP}\n${SCENARIO}`,
  ], { encoding: 'utf-8', timeout: 60_000, env: { PATH: process.env.PATH, TMPDIR: disk, AIRFLOW__LOGGING__BASE_LOG_FOLDER: join(disk, 'pymp-logs'), ROOM: roomCheck(disk) } });

  expect(stderr.replace(/^.*No space left on device\n/gm, '')).toBe('');
  expect(stdout.split('\n')).toEqual([
    'empty [] 0',
    "full ['left', 'pymp', 'task'] 1",
    "after ['pymp'] 0",
    'temporary True True',
    "after ['pymp']",
    "beside ['.cache', 'new', 'pymp', 'task', 'uv']",
    "after ['.cache', 'pymp', 'uv']",
    "after ['pymp']",
    'logs True',
    'logs False',
    "killed ['dag', 'pymp', 'pymp', 'task']",
    "after ['dag', 'pymp', 'pymp']",
    '',
  ]);
});
