"""What is large in the web interface, and a task that asks the Execution API all the time."""

from __future__ import annotations

import time

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Variable, dag, task

LINE = "x" * 1000


@task
def log(mebibytes: int):
    for number in range(mebibytes * 1000):
        print(number, LINE)


@task
def xcom(mebibytes: int) -> str:
    return LINE * 1024 * mebibytes


@dag(schedule=None)
def large():
    log(80)
    xcom(5)


@dag(schedule=None)
def reports():
    @task(retries=0)
    def report() -> list[tuple[float, float]]:
        """When it asked, and how long that took; until somebody says that it is enough."""
        answers = []
        enough = None
        while enough is None:
            asked = time.time()
            enough = Variable.get("enough", default=None)
            answers.append((asked, time.time() - asked))
            time.sleep(0.2)
        return answers

    report()


# the scheduler itself ends tasks that do nothing
with DAG("grid", schedule=None, max_active_runs=30, max_active_tasks=3000):
    for number in range(100):
        EmptyOperator(task_id=f"task_{number}")

large()
reports()
