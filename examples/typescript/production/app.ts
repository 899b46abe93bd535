import { App, Duration, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { AirflowPreset, DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'Production', { terminationProtection: true });
const zone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789ABCDEFGHIJ', zoneName: 'example.com' });
const office = ec2.Peer.ipv4('203.0.113.0/24');

const airflow = new ServerlessAirflow(stack, 'Airflow', {
  preset: AirflowPreset.PRODUCTION,
  image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Image', 'airflow'), '3.3.2'),
  dags: [DagSource.directory('dags')],
});

const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', {
  vpc: airflow.cluster.vpc,
  internetFacing: true,
  deletionProtection: true,
  dropInvalidHeaderFields: true,
});
new route53.ARecord(stack, 'Domain', {
  zone,
  recordName: 'airflow',
  target: route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(loadBalancer)),
});
const listener = loadBalancer.addListener('Https', {
  port: 443,
  open: false,
  certificates: [new acm.Certificate(stack, 'Certificate', { domainName: 'airflow.example.com', validation: acm.CertificateValidation.fromDns(zone) })],
});
listener.connections.allowDefaultPortFrom(office, 'the office');
listener.addTargets('WebServer', {
  port: 8080,
  protocol: elbv2.ApplicationProtocol.HTTP,
  targets: [airflow.webServer.service],
  deregistrationDelay: Duration.seconds(30),
  // as patient as the health check of the container, which replaces a web server that hangs
  healthCheck: { path: '/api/v2/monitor/health', interval: Duration.minutes(1), unhealthyThresholdCount: 10 },
});
