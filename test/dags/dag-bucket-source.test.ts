import { Lazy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DagSource, ServerlessAirflow } from '../../src';
import { newApp, newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const outside = s3.Bucket.fromBucketName(newStack(), 'Bucket', 'team-dags');

describe('a bucket', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Team', { encryptionKey: new kms.Key(stack, 'Key') });
  const airflow = new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.bucket(bucket, 'teams/finance'), DagSource.bucket(bucket, 'common', { name: 'shared' })] });
  const synthesized = new SynthesizedStack(stack);
  const [[id]] = synthesized.ofType('AWS::S3::Bucket').filter(([name]) => name.startsWith('Team'));
  const [[key]] = synthesized.ofType('AWS::KMS::Key');

  test('is read every 30 s, by the names of its folders', () => {
    const bundle = (name: string, prefix: string) => ({
      name,
      classpath: 'airflow.providers.amazon.aws.bundles.s3.S3DagBundle',
      kwargs: { bucket_name: `\${${id}}`, prefix, aws_conn_id: 'aws_default', refresh_interval: 30 },
    });

    for (const { environment } of ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker'].map(name => synthesized.containers[name])) {
      expect(JSON.parse(environment.AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST)).toEqual([bundle('finance', 'teams/finance/'), bundle('shared', 'common/')]);
    }
  });

  test('is read in these folders only, by who reads DAG files only', () => {
    const permissions = (name: string) => synthesized.permissions(name, 'TaskRoleArn').filter(permission => permission.includes(id) || permission.includes(key));

    for (const reader of ['dag-processor', 'worker']) {
      expect(permissions(reader)).toEqual([
        `Allow kms:Decrypt on \${${key}.Arn}`,
        `Allow s3:GetObject on \${${id}.Arn}/common/*`,
        `Allow s3:GetObject on \${${id}.Arn}/teams/finance/*`,
        `Allow s3:ListBucket on \${${id}.Arn}`,
      ]);
    }
    expect(['web-server', 'scheduler', 'triggerer'].flatMap(permissions)).toEqual([]);
  });

  test('is not touched: nothing is uploaded to it', () => {
    expect(synthesized.ofType('Custom::CDKBucketDeployment')).toEqual([]);
    expect(airflow.dagBucket).toBeUndefined();
  });
});

test.each<[any[], string]>([
  [['team-dags', 'dags'], 'property bucket must be a bucket, got "team-dags"'],
  [[outside, undefined], 'property prefix must be a string, got undefined'],
  [[outside, ''], 'property prefix of a DAG bucket must be up to 256 letters, digits, "_", "-", "." and "/", without slashes at its ends, got ""'],
  [[outside, '/dags'], 'without slashes at its ends, got "/dags"'],
  [[outside, 'dags/'], 'without slashes at its ends, got "dags/"'],
  [[outside, 'dags/*'], 'without slashes at its ends, got "dags/*"'],
  [[outside, Lazy.string({ produce: () => 'dags' })], 'property prefix of a DAG bucket must be known at synthesis, got a token: permissions end in it'],
  [[outside, 'dags', { name: '-' }], 'property name of a DAG source must be up to 98 letters'],
])('fails for %#', ([bucket, prefix, options], message) => {
  expect(() => DagSource.bucket(bucket, prefix, options)).toThrow(message);
});

test('fails for two folders of one name, and for a bucket of another region', () => {
  const stack = new Stack(newApp(), 'Stack', { env: { region: 'eu-central-1', account: '123456789012' } });
  const far = s3.Bucket.fromBucketAttributes(stack, 'Far', { bucketName: 'far', region: 'us-east-1' });

  expect(() => new ServerlessAirflow(stack, 'Two', { dags: [DagSource.bucket(outside, 'a/dags'), DagSource.bucket(outside, 'b/dags')] }))
    .toThrow('property dags must not have two DAG sources with the name "dags": give one of them another with its property name');
  expect(() => new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.bucket(far, 'dags')] }))
    .toThrow('property bucket of DAGs must be of the region of the deployment, eu-central-1, got one of us-east-1: copy the files');
});
