"""The triggerer has no DAG files: it cannot import a trigger from one."""

import asyncio

from airflow.sdk import BaseOperator, dag
from airflow.triggers.base import BaseTrigger, TriggerEvent


class Nap(BaseTrigger):
    def serialize(self):
        return f"{type(self).__module__}.Nap", {}

    async def run(self):
        await asyncio.sleep(1)
        yield TriggerEvent("awake")


class Sleep(BaseOperator):
    def execute(self, context):
        self.defer(trigger=Nap(), method_name="woken")

    def woken(self, context, event=None):
        print(event)


@dag(schedule=None)
def custom_trigger():
    Sleep(task_id="sleep", retries=0)


custom_trigger()
