"""A macro for templates: `{{ macros.example.quarter(ds) }}`."""

from airflow.plugins_manager import AirflowPlugin


def quarter(day: str) -> int:
    return (int(day[5:7]) + 2) // 3


class ExamplePlugin(AirflowPlugin):
    name = "example"
    macros = [quarter]
