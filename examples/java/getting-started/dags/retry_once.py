"""Fails on its first try and succeeds on the second: what a retry looks like in the UI and in the logs."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import TaskInstance, dag, task


@dag(schedule=None, tags=["getting-started"], doc_md=__doc__)
def retry_once():
    @task(retries=1, retry_delay=timedelta(seconds=2))
    def deliver(ti: TaskInstance) -> int:
        if ti.try_number == 1:
            raise ConnectionError("the recipient did not answer")
        print(f"delivered on try {ti.try_number}")
        return ti.try_number

    deliver()


retry_once()
