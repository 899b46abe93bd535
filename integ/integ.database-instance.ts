/** The database as an instance in RDS, with a standby. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AirflowDatabaseInstance, ServerlessAirflow } from '../src';
import { integApp } from './helpers/app';
import { expectAirflow } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-database-instance');
const removalPolicy = RemovalPolicy.DESTROY;
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const airflow = new ServerlessAirflow(stack, 'Airflow', {
  vpc,
  database: new AirflowDatabaseInstance(stack, 'Database', {
    vpc,
    instanceType: new ec2.InstanceType('t4g.medium'),
    multiAz: true,
    monitoringInterval: Duration.seconds(60),
    removalPolicy,
  }),
  removalPolicy,
});

expectAirflow(new IntegTest(app, 'Integ', { testCases: [stack] }), airflow);
