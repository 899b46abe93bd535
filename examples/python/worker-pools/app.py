from aws_cdk import App, Size, Stack
from serverless_airflow import AirflowFirstWorkerPoolOptions, DagSource, ServerlessAirflow, WorkerCapacity, WorkerScaling

app = App()
stack = Stack(app, "WorkerPools")

airflow = ServerlessAirflow(
    stack,
    "Airflow",
    dags=[DagSource.directory("dags")],
    worker=AirflowFirstWorkerPoolOptions(scaling=WorkerScaling.on_queue(min_workers=1, max_workers=10)),
)

airflow.add_worker_pool(
    "Reports",
    queues=["reports"],
    cpu=2048,
    memory_limit_mib=8192,
    scaling=WorkerScaling.on_queue(min_workers=0, max_workers=5),
    capacity=WorkerCapacity.spot(),
)

airflow.add_worker_pool("Files", queues=["files"], concurrency=2, ephemeral_storage=Size.gibibytes(50))

app.synth()
