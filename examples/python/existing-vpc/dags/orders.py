"""One task, to see that everything works."""

from airflow.sdk import dag, task


@dag(schedule="@daily", catchup=False)
def orders():
    @task
    def greet() -> str:
        return "hello from a VPC of yours"

    greet()


orders()
