from pathlib import Path

from aws_cdk import App, Stack
from serverless_airflow import DagSource, ServerlessAirflow

app = App()
stack = Stack(app, "GettingStarted")

ServerlessAirflow(stack, "Airflow", dags=[DagSource.directory(str(Path(__file__).parent / "dags"))])

app.synth()
