"""Tasks that arrive at once, more than two workers have slots for."""
import time

from airflow.sdk import dag, task


@task(retries=0)
def work(number: int):
    time.sleep(5)


@dag(schedule=None, max_active_tasks=40)
def forty():
    work.expand(number=list(range(40)))


forty()
