"""A callback of a task runs in the worker, one of a DAG in the DAG processor: with the permissions of that."""

import os

import boto3
from airflow.sdk import dag, task


def note(name):
    def write(context):
        for bucket in (os.environ["DAG_CODE_BUCKET"], os.environ["TASKS_BUCKET"]):
            boto3.client("s3").put_object(Bucket=bucket, Key=name, Body=b"")

    return write


@dag(schedule=None, on_failure_callback=note("dag"))
def callbacks():
    @task(retries=0, on_failure_callback=note("task"))
    def fail():
        raise ValueError("planned")

    fail()


callbacks()
