/** DAG files from a bucket that somebody else uploads to, beside those of the image, and settings of Airflow. */
import * as path from 'node:path';
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as s3deploy from 'aws-cdk-lib/aws-s3-deployment';
import { DagSource, ServerlessAirflow } from '../src';
import { integApp } from './helpers/app';
import { expectAirflow } from './helpers/assertions';

const app = integApp();
const stack = new Stack(app, 'integ-dag-sources');
const removalPolicy = RemovalPolicy.DESTROY;
const bucket = new s3.Bucket(stack, 'Team', {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  removalPolicy,
  autoDeleteObjects: true,
});
// stands for a pipeline
new s3deploy.BucketDeployment(stack, 'Upload', {
  sources: [s3deploy.Source.asset(path.join(__dirname, '..', 'examples', 'typescript', 'getting-started', 'dags'))],
  destinationBucket: bucket,
  destinationKeyPrefix: 'teams/orders',
});
const airflow = new ServerlessAirflow(stack, 'Airflow', {
  dags: [DagSource.bucket(bucket, 'teams/orders'), DagSource.image()],
  airflowConfig: { core: { default_timezone: 'Europe/Berlin' } },
  removalPolicy,
});

expectAirflow(new IntegTest(app, 'Integ', { testCases: [stack] }), airflow);
