"""One task for each pool of workers."""

from pathlib import Path

from airflow.sdk import dag, task


@dag(schedule=None)
def queues():
    @task
    def extract() -> list[int]:
        return [1, 2, 3]

    @task(queue="reports")
    def report(numbers: list[int]) -> int:
        return sum(numbers)

    @task(queue="files")
    def write(total: int) -> None:
        Path("/tmp/total.txt").write_text(str(total))  # noqa: S108 - on the disk of this worker, removed after the task

    write(report(extract()))


queues()
