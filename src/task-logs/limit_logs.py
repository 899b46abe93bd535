import datetime, json, os, shutil, structlog
from pathlib import Path

log_folder = Path(os.environ['AIRFLOW__LOGGING__BASE_LOG_FOLDER'])
end_of_log = 'The log ends here: it has filled the folder of logs, and the rest of it is not kept'

class LimitedLogger(structlog.BytesLogger):
    def __init__(self, file=None, **options):
        super().__init__(file, **options)
        if log_folder in Path(str(getattr(file, 'name', ''))).parents and log_folder.parent.is_mount():
            self._write = limited(file)

def limited(file):
    ended = False
    def write(line):
        nonlocal ended
        if ended:
            return
        ended = file.tell() > 1 << 20 and is_scarce()
        file.write(line if not ended else json.dumps({
            'timestamp': datetime.datetime.now(datetime.UTC).isoformat(), 'level': 'warning', 'event': end_of_log,
        }).encode() + b'\n')
    return write

def is_scarce():
    total, _, free = shutil.disk_usage(log_folder)
    return free < total / 4

structlog.BytesLogger = LimitedLogger
