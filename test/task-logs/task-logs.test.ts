import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ServerlessAirflow, TaskLogs } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

test('by default a private bucket, encrypted and retained', () => {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow');
  const synthesized = new SynthesizedStack(stack);

  expect(synthesized.resources.AirflowTaskLogsBucket59D1D076).toMatchObject({
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      LifecycleConfiguration: { Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }] },
    },
  });
  expect(stack.resolve(airflow.logBucket!.bucketName)).toEqual({ Ref: 'AirflowTaskLogsBucket59D1D076' });
  for (const component of ['web-server', 'triggerer', 'worker']) {
    expect(synthesized.containers[component].environment).toMatchObject({
      AIRFLOW__LOGGING__REMOTE_LOGGING: 'True',
      AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER: 's3://${AirflowTaskLogsBucket59D1D076}/logs',
      AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID: 'aws_default',
      AIRFLOW__LOGGING__DELETE_LOCAL_LOGS: 'True',
    });
  }
});

test('a brought bucket: only its prefix is used, with its key', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Bucket', { encryptionKey: new kms.Key(stack, 'Key') });
  const airflow = new ServerlessAirflow(stack, 'Airflow', { taskLogs: TaskLogs.s3({ bucket, prefix: 'airflow/logs' }) });
  const synthesized = new SynthesizedStack(stack);

  expect(airflow.logBucket).toBe(bucket);
  expect(synthesized.ofType('AWS::S3::Bucket')).toHaveLength(1);
  expect(synthesized.containers.worker.environment.AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER).toBe('s3://${Bucket83908E77}/airflow/logs');
  expect(synthesized.permissions('web-server', 'TaskRoleArn')).toEqual([
    'Allow kms:Decrypt on ${Key961B73FD.Arn}',
    'Allow s3:GetObject on ${Bucket83908E77.Arn}/airflow/logs/*',
    'Allow s3:ListBucket on ${Bucket83908E77.Arn} if {"StringLike":{"s3:prefix":"airflow/logs/*"}}',
  ]);
  expect(synthesized.permissions('worker', 'TaskRoleArn')).toEqual([
    'Allow kms:Decrypt kms:GenerateDataKey on ${Key961B73FD.Arn}',
    'Allow s3:GetObject s3:PutObject on ${Bucket83908E77.Arn}/airflow/logs/*',
    'Allow s3:ListBucket on ${Bucket83908E77.Arn}',
  ]);
});

test.each(['', '/logs', 'logs/'])('fails for the prefix %j', prefix => {
  expect(() => TaskLogs.s3({ prefix })).toThrow(`property prefix of task logs must be up to 256 letters, digits, "_", "-", "." and "/", without slashes at its ends, got "${prefix}"`);
});
