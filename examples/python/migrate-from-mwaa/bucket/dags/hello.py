"""One task, to see that everything works."""

from airflow.sdk import dag, task


@dag(schedule="@daily", catchup=False)
def hello():
    @task
    def greet() -> str:
        return "hello from the DAGs of MWAA"

    greet()


hello()
