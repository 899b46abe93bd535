"""One task, to see that everything works."""

from airflow.sdk import dag, task


@dag(schedule="@daily", catchup=False)
def invoices():
    @task
    def greet() -> str:
        return "hello, finance"

    greet()


invoices()
