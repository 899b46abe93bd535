from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from serverless_airflow import AirflowDatabase, FernetKey

app = App()
stack = Stack(app, "PartsAlone")
vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)

fernet_key = FernetKey(stack, "FernetKey")
database = AirflowDatabase(stack, "Database", vpc=vpc, max_capacity=2)

task_definition = ecs.FargateTaskDefinition(stack, "Task", cpu=256, memory_limit_mib=512)
task_definition.add_container(
    "app",
    image=ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/python:3.12-slim"),
    command=["python", "-m", "http.server", "8000"],
    environment={"PGHOST": database.hostname},
    secrets={
        "PGUSER": ecs.Secret.from_secrets_manager(database.master_secret, "username"),
        "PGPASSWORD": ecs.Secret.from_secrets_manager(database.master_secret, "password"),
        "FERNET_KEY": ecs.Secret.from_secrets_manager(fernet_key.key.secret),
    },
    logging=ecs.LogDrivers.aws_logs(stream_prefix="app"),
)
service = ecs.FargateService(
    stack,
    "Service",
    cluster=ecs.Cluster(stack, "Cluster", vpc=vpc),
    task_definition=task_definition,
    min_healthy_percent=100,
)
service.node.add_dependency(fernet_key)  # the key is written first
database.connections.allow_default_port_from(service, "the app")

app.synth()
