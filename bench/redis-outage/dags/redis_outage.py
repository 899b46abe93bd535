"""20 tasks that have all slots of a worker until they are told to end, and 20 that wait for them in Redis meanwhile."""
import os
import time

from airflow.sdk import dag, task


@task(retries=0)
def wait_for_the_word(number: int):
    while not os.path.exists("/tmp/go"):  # noqa: S108 - what the worker itself can reach
        time.sleep(1)


@task(retries=0)
def nothing(number: int):
    pass


@dag(schedule=None, max_active_tasks=20)
def running():
    for number in range(20):
        wait_for_the_word.override(task_id=f"runs_{number:02}")(number)


@dag(schedule=None, max_active_tasks=20)
def waiting():
    for number in range(20):
        nothing.override(task_id=f"waits_{number:02}")(number)


running()
waiting()
