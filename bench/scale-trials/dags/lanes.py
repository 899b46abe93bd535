"""Work for each pool: for two workers, for less than one, and work that is tried again when its worker is lost."""
import time
from datetime import timedelta

from airflow.sdk import dag, task


@task
def work(number: int, params=None):
    time.sleep(params["seconds"] + number)


def add(name, lane, tasks, retries):
    @dag(dag_id=f"{name}_{lane}", schedule=None, params={"seconds": 5}, max_active_runs=8)
    def lanes():
        for number in range(tasks):
            work.override(task_id=f"work_{number}", queue=f"lane-{lane}", retries=retries, retry_delay=timedelta(seconds=1))(number)

    lanes()


for lane in range(1, 5):
    add("load", lane, 4, 0)
    add("few", lane, 2, 0)
    add("tried_again", lane, 4, 1)
