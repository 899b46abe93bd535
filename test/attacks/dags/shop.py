"""Reads a connection that is in Secrets Manager only."""

from airflow.sdk import BaseHook, dag, task


@dag(schedule=None)
def shop():
    @task(retries=0)
    def host():
        return BaseHook.get_connection("shop").host

    host()


shop()
