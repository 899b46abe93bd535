"""Fills the folder that all tasks of a worker share. Accidents look the same."""

import os
import time

from airflow.sdk import dag, task


@dag(schedule=None)
def fill():
    @task(retries=0)
    def leave_files_until_the_disk_is_full():
        with open("/tmp/left-behind", "wb") as file:
            while file.write(bytes(1 << 20)):
                file.flush()

    @task(retries=0, trigger_rule="all_failed")
    def find_nothing_left():
        """The worker cleans up when it has stored the log of the task, which Airflow does not wait for."""
        deadline = time.monotonic() + 60
        while (names := set(os.listdir("/tmp")) & {"left-behind"}) and time.monotonic() < deadline:
            time.sleep(0.5)
        return f"left: {sorted(names)}"

    leave_files_until_the_disk_is_full() >> find_nothing_left()


fill()
