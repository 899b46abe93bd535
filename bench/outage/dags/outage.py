"""Tasks that run through, end in and start in an outage of the web server, for workers with our and with Airflow's own settings."""
import time

from airflow.sdk import dag, task

QUEUES = ["default", "upstream"]


@task(retries=0)
def sleep(seconds: int):
    time.sleep(seconds)


@dag(schedule=None)
def outage():
    for queue in QUEUES:
        sleep.override(task_id=f"runs_through_{queue}", queue=queue)(300)
        sleep.override(task_id=f"ends_inside_{queue}", queue=queue)(60)


# made by the scheduler, which needs no web server
@dag(schedule="* * * * *", catchup=False, max_active_runs=16, is_paused_upon_creation=False)
def every_minute():
    for queue in QUEUES:
        sleep.override(task_id=f"starts_inside_{queue}", queue=queue)(1)


outage()
every_minute()
