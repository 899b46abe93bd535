"""One task, to see that everything works."""

from airflow.sdk import dag, task


@dag(schedule="@daily", catchup=False)
def daily():
    @task
    def greet() -> str:
        return "hello from production"

    greet()


daily()
