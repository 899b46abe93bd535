import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { AirflowCluster, AirflowDatabase, DagSource, IAirflowDatabase, ServerlessAirflow, ServerlessAirflowProps, TaskLogs } from '../../src';
import { claim } from '../../src/cluster/claim';
import { newStack } from '../private/stack';

const DAGS = join(__dirname, '..', '..', 'examples', 'typescript', 'getting-started', 'dags');

test('a thing belongs to who claims it first, in each app', () => {
  const app = new App();
  const [first, second] = ['First', 'Second'].map(id => new Construct(app, id));

  expect([claim(first, 'thing'), claim(first, 'thing'), claim(second, 'thing'), claim(second, 'other'), claim(new Construct(new App(), 'First'), 'thing')])
    .toEqual([undefined, undefined, first, undefined, undefined]);
});

test.each([
  ['a/b', true], ['a', true], ['', true], ['a/b/c', true],
  ['a/bc', false], ['a/c', false], ['b', false],
])('who has a/b has what is below it, and nobody else what is above: %j %j', (path, claimed) => {
  const app = new App();
  const [first, second] = ['First', 'Second'].map(id => new Construct(app, id));
  claim(first, 'thing', 'a/b');

  expect(claim(second, 'thing', path)).toBe(claimed ? first : undefined);
});

describe('two deployments of an app', () => {
  /** With what differs between them. */
  function define(props: (stack: Stack) => ServerlessAirflowProps, others: (stack: Stack) => ServerlessAirflowProps = props) {
    const stack = newStack();
    new ServerlessAirflow(stack, 'First', props(stack));
    return () => new ServerlessAirflow(stack, 'Second', others(stack));
  }

  /** In a bucket that is known by its name. */
  const logsIn = (prefix?: string) => (stack: Stack) => {
    const bucket = s3.Bucket.fromBucketName(stack, `Bucket${stack.node.children.length}`, 'logs');
    return { taskLogs: TaskLogs.s3({ bucket, prefix }) };
  };

  test('with nothing in common', () => {
    expect(define(() => ({}))).not.toThrow();
  });

  test('with one database', () => {
    let database: IAirflowDatabase | undefined;
    expect(define(stack => ({ database: database ??= new AirflowDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Vpc') }) })))
      .toThrow('property database must be a server for this deployment alone, got the one that Stack/First/Migration prepares: their databases and roles would be the same');
  });

  test('with one database server, known by its attributes', () => {
    const existing = (id: string) => (stack: Stack) => ({
      database: AirflowDatabase.fromInstance(stack, `${id}Airflow`, {
        masterSecret: secretsmanager.Secret.fromSecretNameV2(stack, `${id}Secret`, 'master'),
        instance: rds.DatabaseInstance.fromDatabaseInstanceAttributes(stack, `${id}Server`, {
          instanceIdentifier: 'server', instanceEndpointAddress: 'server.example.com', port: 5432, securityGroups: [new ec2.SecurityGroup(stack, `${id}Group`, { vpc: new ec2.Vpc(stack, `${id}Vpc`) })],
        }),
      }),
    });
    expect(define(existing('One'), existing('Two'))).toThrow('property database must be a server for this deployment alone');
  });

  test('with one bucket and prefix of task logs', () => {
    expect(define(logsIn(), logsIn('logs'))).toThrow('property prefix of task logs must be a folder for this deployment alone, got "logs", '
      + 'which is, is in or has in it a folder of Stack/First/Cluster in the same bucket: each would read and overwrite what the other has there');
    expect(define(logsIn('logs/a'), logsIn('logs/ab'))).not.toThrow();
  });

  test('with prefixes of task logs of which one is in the other', () => {
    expect(define(logsIn('airflow'), logsIn('airflow/logs')))
      .toThrow('property prefix of task logs must be a folder for this deployment alone, got "airflow/logs"');
  });

  test('with the bucket that the first one has made for its logs, or for its DAG files', () => {
    const stack = newStack();
    const { logBucket, dagBucket } = new ServerlessAirflow(stack, 'First', { dags: [DagSource.directory(DAGS, { name: 'orders' })] });
    const second = (id: string, bucket: s3.IBucket, prefix?: string) =>
      () => new ServerlessAirflow(stack, id, { taskLogs: TaskLogs.s3({ bucket, prefix }) });

    expect(second('Second', logBucket!)).toThrow('got "logs", which is, is in or has in it a folder of Stack/First/Cluster');
    expect(second('Third', dagBucket!, 'dags')).toThrow('got "dags", which is, is in or has in it a folder of Stack/First/Dags/Directories/orders');
  });

  test('with one cluster', () => {
    let cluster: AirflowCluster | undefined;
    expect(define(stack => ({ cluster: cluster ??= new AirflowCluster(stack, 'Cluster') }))).toThrow('property cluster has a web-server already');
  });

  test('with one VPC, known by its id', () => {
    const vpc = (id: string) => (stack: Stack) => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, id, { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'] }),
    });
    expect(define(vpc('One'), vpc('Two'))).toThrow('property namespaceName must differ for each AirflowCluster in a VPC, got "airflow" again');
  });
});
