"""Fills the folders that all tasks of a worker share, and that Airflow has there for itself. Accidents look the same."""

import os
import time
from datetime import timedelta

from airflow.sdk import dag, task


def fill_up(path):
    with open(path, "wb") as file:
        while file.write(bytes(1 << 20)):
            file.flush()


@dag(schedule=None)
def fill():
    @task(retries=0)
    def leave_files_until_the_disk_is_full():
        fill_up("/tmp/left-behind")

    @task(retries=0, trigger_rule="all_failed")
    def find_nothing_left():
        """The worker cleans up when it has stored the log of the task, which Airflow does not wait for."""
        deadline = time.monotonic() + 60
        while (names := set(os.listdir("/tmp")) & {"left-behind"}) and time.monotonic() < deadline:
            time.sleep(0.5)
        return f"left: {sorted(names)}"

    leave_files_until_the_disk_is_full() >> find_nothing_left()


@dag(schedule=None, default_args={"queue": "useless"})
def useless_worker():
    """No task starts on a worker without room for logs: the first one finds another worker, sooner or later."""
    @task(retries=0)
    def log_without_end():
        """Into the last fifth."""
        with open("/var/tmp/left-behind", "wb") as file:
            file.write(bytes(100 << 20))
        for _ in range(64):
            print("x" * 50_000)

    @task(retries=0)
    def leave_no_room_for_logs():
        fill_up("/var/tmp/left-behind")

    @task(retries=60, retry_delay=timedelta(seconds=2), trigger_rule="all_failed")
    def start_elsewhere():
        pass

    log_without_end() >> leave_no_room_for_logs() >> start_elsewhere()


fill()
useless_worker()
