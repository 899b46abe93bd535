"""Apps with one mistake each: what does their author read?"""

import os

from aws_cdk import App, Stack
from serverless_airflow import AirflowFirstWorkerPoolOptions, AirflowVersion, ServerlessAirflow

stack = Stack(App(), "Mistake")
match os.environ["MISTAKE"]:
    case "size":
        ServerlessAirflow(stack, "Airflow", worker=AirflowFirstWorkerPoolOptions(cpu=1024, memory_limit_mib=1024))
    case "version":
        ServerlessAirflow(stack, "Airflow", version=AirflowVersion.of("2.10.5"))
