from aws_cdk import App, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_ecr_assets import Platform
from serverless_airflow import AirflowFirstWorkerPoolOptions, AirflowVersion, DagSource, ServerlessAirflow, WorkerScaling

app = App()
stack = Stack(app, "FromMwaa")

airflow = ServerlessAirflow(
    stack,
    "Airflow",
    version=AirflowVersion.V3_3_2,
    image=ecs.ContainerImage.from_asset("bucket", platform=Platform.LINUX_ARM64, exclude=["dags"]),
    dags=[DagSource.directory("bucket/dags")],
    # AirflowConfigurationOptions: core.default_task_retries is AIRFLOW__CORE__DEFAULT_TASK_RETRIES
    environment={"AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "3"},
    worker=AirflowFirstWorkerPoolOptions(scaling=WorkerScaling.on_queue(min_workers=1, max_workers=5)),
)

# what the execution role of MWAA was allowed, here for tasks alone
s3.Bucket.from_bucket_name(stack, "Orders", "example-orders").grant_read_write(airflow)

app.synth()
