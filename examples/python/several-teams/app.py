from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from serverless_airflow import AirflowCluster, DagSource, ServerlessAirflow

app = App()
network = Stack(app, "Network")
vpc = ec2.Vpc(network, "Vpc", max_azs=2, nat_gateways=1)

for team in ["finance", "research"]:
    stack = Stack(app, f"Team-{team}")
    ServerlessAirflow(
        stack,
        "Airflow",
        cluster=AirflowCluster(stack, "Cluster", vpc=vpc, namespace_name=team),
        dags=[DagSource.directory(f"dags/{team}")],
    )

app.synth()
