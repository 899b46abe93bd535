from aws_cdk import App, Duration, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from serverless_airflow import AirflowPreset, DagSource, ServerlessAirflow

app = App()
stack = Stack(app, "Production", termination_protection=True)
zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com")
office = ec2.Peer.ipv4("203.0.113.0/24")

airflow = ServerlessAirflow(
    stack,
    "Airflow",
    preset=AirflowPreset.PRODUCTION,
    image=ecs.ContainerImage.from_ecr_repository(ecr.Repository.from_repository_name(stack, "Image", "airflow"), "3.3.2"),
    dags=[DagSource.directory("dags")],
)

load_balancer = elbv2.ApplicationLoadBalancer(
    stack,
    "LoadBalancer",
    vpc=airflow.cluster.vpc,
    internet_facing=True,
    deletion_protection=True,
    drop_invalid_header_fields=True,
)
address = route53.RecordTarget.from_alias(targets.LoadBalancerTarget(load_balancer))
route53.ARecord(stack, "Domain", zone=zone, record_name="airflow", target=address)
validation = acm.CertificateValidation.from_dns(zone)
certificate = acm.Certificate(stack, "Certificate", domain_name="airflow.example.com", validation=validation)
listener = load_balancer.add_listener("Https", port=443, open=False, certificates=[certificate])
listener.connections.allow_default_port_from(office, "the office")
listener.add_targets(
    "WebServer",
    port=8080,
    protocol=elbv2.ApplicationProtocol.HTTP,
    targets=[airflow.web_server.service],
    deregistration_delay=Duration.seconds(30),
    # as patient as the health check of the container, which replaces a web server that hangs
    health_check=elbv2.HealthCheck(path="/api/v2/monitor/health", interval=Duration.minutes(1), unhealthy_threshold_count=10),
)

app.synth()
