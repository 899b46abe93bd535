"""Runs until its worker is lost."""

import time

from airflow.sdk import dag, task


@dag(schedule=None)
def ticks():
    @task(retries=0)
    def tick():
        for second in range(600):
            print("tick", second, flush=True)
            time.sleep(1)

    tick()


ticks()
