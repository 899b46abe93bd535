"""Tasks that do nothing but run, and tasks that do nothing but start and end."""
import time

from airflow.sdk import dag, task


@task(retries=0)
def sleep(_):
    time.sleep(90)


@task(retries=0)
def end(number):
    return number


@dag(schedule=None)
def running():
    sleep.expand(_=list(range(12)))


@dag(schedule=None)
def ending():
    end.expand(number=list(range(48)))


running()
ending()
