"""Twenty DAGs of one file that nobody changes: each has one version, however often it is read."""

from __future__ import annotations

import os

from airflow.sdk import DAG, task

if parses := os.environ.get("SOAK_PARSES"):
    with open(parses, "a") as file:
        file.write(".")

for number in range(20):
    with DAG(f"unchanged_{number}", schedule="@daily", tags=["soak", "unchanged"], default_args={"owner": "soak", "queue": "default"}):

        @task
        def extract(table: str) -> str:
            return table

        @task
        def load(tables: list[str]) -> None:
            print(tables)

        load(extract.expand(table=["customers", "orders"]))
