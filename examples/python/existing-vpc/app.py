from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from serverless_airflow import DagSource, ServerlessAirflow

app = App()
stack = Stack(app, "ExistingVpc")

# what is there already
vpc = ec2.Vpc.from_vpc_attributes(
    stack,
    "Vpc",
    vpc_id="vpc-0123456789abcdef0",
    availability_zones=["eu-west-1a", "eu-west-1b"],
    private_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
)
orders = s3.Bucket.from_bucket_name(stack, "Orders", "example-orders")
warehouse = ec2.SecurityGroup.from_security_group_id(stack, "Warehouse", "sg-0123456789abcdef0")
office = ec2.Peer.ipv4("10.20.0.0/16")

airflow = ServerlessAirflow(stack, "Airflow", vpc=vpc, dags=[DagSource.directory("dags")])

orders.grant_read(airflow)
airflow.connections.allow_to(warehouse, ec2.Port.tcp(5432), "tasks to the warehouse")
airflow.web_server.connections.allow_default_port_from(office, "the office to the web server")

app.synth()
