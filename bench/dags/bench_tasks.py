"""One short task, and 32 at once that take a second each."""

from __future__ import annotations

import time

from airflow.sdk import dag, task

TASKS = 32


@dag(schedule=None)
def bench_one():
    @task
    def one():
        pass

    one()


@dag(schedule=None, max_active_tasks=TASKS)
def bench_many():
    @task
    def second(number: int):
        time.sleep(1)

    second.expand(number=list(range(TASKS)))


bench_one()
bench_many()
