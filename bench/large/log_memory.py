"""What one reader of a task log costs the web server: Airflow's own code for it, with a log that S3 has answered with.

    AIRFLOW_CONFIG=/dev/null python bench/large/log_memory.py MEGABYTES      (the Python of an installation of Airflow)
"""

import json
import resource
import sys
import time
from types import SimpleNamespace

from airflow.utils.log.file_task_handler import FileTaskHandler
from airflow.utils.state import TaskInstanceState

LINE = {"timestamp": "2026-11-30T12:00:00.000000Z", "level": "info", "logger": "task.stdout"}


class Handler(FileTaskHandler):
    def _render_filename(self, ti, try_number):
        return "log"

    def _read_remote_logs(self, ti, try_number, metadata=None):
        with open(log) as file:
            return ["s3://bucket/log"], [file.read()]


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


log = "build/log-memory.log"
with open(log, "w") as file:
    for number in range(int(sys.argv[1]) * 1000):
        file.write(json.dumps({**LINE, "event": f"{number} {'x' * 1000}"}) + "\n")

before = peak()
task = SimpleNamespace(state=TaskInstanceState.SUCCESS, try_number=1)
messages, _ = Handler("build")._read(task, 1, {"download_logs": True})
size = sum(len(message.model_dump_json()) for message in messages)
print(f"{size / 1e6:.0f} MB: {peak() - before:.0f} MiB more than before, {time.process_time():.1f} s of CPU with its start")
