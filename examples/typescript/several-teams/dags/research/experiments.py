"""One task, to see that everything works."""

from airflow.sdk import dag, task


@dag(schedule="@daily", catchup=False)
def experiments():
    @task
    def greet() -> str:
        return "hello, research"

    greet()


experiments()
