"""Short tasks that leave behind what tasks leave behind: a file, and a process that nobody waits for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from airflow.sdk import dag, get_current_context, task

if parses := os.environ.get("SOAK_PARSES"):
    with open(parses, "a") as file:
        file.write(".")


@task
def numbers() -> list[int]:
    return list(range(get_current_context()["params"]["count"]))


@task
def short(number: int) -> int:
    own_folder = Path(os.environ["TMPDIR"])
    (own_folder.parent / f"left-{os.getpid()}").write_text("left behind")
    subprocess.Popen(["/bin/sleep", "1"])
    return number


@dag(schedule=None, params={"count": 1}, max_active_tasks=100)
def soak():
    short.expand(number=numbers())


soak()
