import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DagSource, ServerlessAirflow } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'ExistingVpc');

// what is there already
const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-west-1a', 'eu-west-1b'],
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
});
const orders = s3.Bucket.fromBucketName(stack, 'Orders', 'example-orders');
const warehouse = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Warehouse', 'sg-0123456789abcdef0');
const office = ec2.Peer.ipv4('10.20.0.0/16');

const airflow = new ServerlessAirflow(stack, 'Airflow', {
  vpc,
  dags: [DagSource.directory('dags')],
});

orders.grantRead(airflow);
airflow.connections.allowTo(warehouse, ec2.Port.tcp(5432), 'tasks to the warehouse');
airflow.webServer.connections.allowDefaultPortFrom(office, 'the office to the web server');
