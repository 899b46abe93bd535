"""Uses the package and the plugin of the image."""

from airflow.sdk import dag, task


@dag(schedule="@daily", catchup=False)
def quarters():
    @task
    def words(number: str) -> str:
        from num2words import num2words

        return f"quarter {num2words(int(number))}"

    words("{{ macros.example.quarter(ds) }}")


quarters()
