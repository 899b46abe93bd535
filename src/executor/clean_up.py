import contextlib, os, shutil, tempfile, time
from pathlib import Path
from celery.signals import task_postrun, task_prerun

shared = Path(tempfile.gettempdir())
cache = Path(os.environ.get('XDG_CACHE_HOME', shared / '.cache'))
logs = Path(os.environ['AIRFLOW__LOGGING__BASE_LOG_FOLDER'])
folder = None

def now():
    return time.time() - 0.02  # the clock of files is behind, up to a tick of the kernel

@task_prerun.connect(weak=False)
def make_folder(**_):
    global folder
    folder = shared / f'task-{os.getpid()}-{now()}'
    folder.mkdir(0o700, exist_ok=True)
    os.environ['TMPDIR'] = tempfile.tempdir = str(folder)

@task_postrun.connect(weak=False)
def clean_up(**_):
    remove(folder)
    if shared.is_mount():
        oldest = min([now(), *started()])
        for path in set(shared.iterdir()) - set(shared.glob('pymp-*')):  # those are Celery's: the ones of tasks are in their folders
            with contextlib.suppress(FileNotFoundError):  # tasks go on meanwhile
                if last_change(path) < oldest and not (path == cache and is_half_free(shared)):
                    remove(path)
        for path in [] if is_half_free(logs) else logs.rglob('*.log'):
            with contextlib.suppress(FileNotFoundError):
                if last_change(path) < oldest:
                    remove(path)

def started():
    for path in shared.glob('task-*-*'):
        _, pid, since = path.name.split('-')
        if int(pid) != os.getpid() and Path('/proc', pid).exists():
            yield float(since)

def last_change(path):
    return max(entry.lstat().st_ctime for entry in [path, *(() if path.is_symlink() else path.rglob('*'))])

def is_half_free(place):
    total, _, free = shutil.disk_usage(place if place.exists() else shared)
    return free > total / 2

def remove(path):
    if path.is_symlink() or not path.is_dir():
        return path.unlink(missing_ok=True)
    for below, _, _ in os.walk(path):
        os.chmod(below, 0o700)
    shutil.rmtree(path, ignore_errors=True)
