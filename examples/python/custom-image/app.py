from aws_cdk import App, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk.aws_ecr_assets import Platform
from serverless_airflow import AirflowVersion, DagSource, ServerlessAirflow

app = App()
stack = Stack(app, "CustomImage")

ServerlessAirflow(
    stack,
    "Airflow",
    version=AirflowVersion.V3_3_2,
    image=ecs.ContainerImage.from_asset("image", platform=Platform.LINUX_ARM64),
    dags=[DagSource.directory("dags")],
)

app.synth()
