import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DagSource, ServerlessAirflow, ServerlessAirflowProps } from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'dags-')));
  write('sales/report.py', 'pass');
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, content: string): void {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), content);
}

function synthesize(props: ServerlessAirflowProps): SynthesizedStack {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', props);
  return new SynthesizedStack(stack);
}

function bundles(synthesized: SynthesizedStack): any {
  return JSON.parse(synthesized.containers.worker.environment.AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST);
}

describe('directory', () => {
  test('is uploaded to a bucket that Airflow reads every 30 s', () => {
    const synthesized = synthesize({ dags: [DagSource.directory(join(folder, 'sales'))] });

    expect(bundles(synthesized)).toEqual([{
      name: 'sales',
      classpath: 'airflow.providers.amazon.aws.bundles.s3.S3DagBundle',
      kwargs: { bucket_name: '${AirflowDagsBucket329EF2C9}', prefix: 'dags/sales/', aws_conn_id: 'aws_default', refresh_interval: 30 },
    }]);
    synthesized.template.hasResourceProperties('Custom::CDKBucketDeployment', {
      DestinationBucketName: { Ref: 'AirflowDagsBucket329EF2C9' },
      DestinationBucketKeyPrefix: 'dags/sales/',
      Prune: true,
    });
  });

  test('its bucket is private, encrypted, versioned and retained', () => {
    const bucket = synthesize({ dags: [DagSource.directory(join(folder, 'sales'))] }).resources.AirflowDagsBucket329EF2C9;

    expect(bucket).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        LifecycleConfiguration: {
          Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, NoncurrentVersionExpiration: { NoncurrentDays: 90 } }],
        },
      },
    });
    expect(bucket.Properties.BucketName).toBeUndefined();
  });

  test('its bucket refuses requests without TLS', () => {
    const synthesized = synthesize({ dags: [DagSource.directory(join(folder, 'sales'))] });
    const [, policy] = synthesized.ofType('AWS::S3::BucketPolicy').find(([, { Properties }]) => Properties.Bucket.Ref === 'AirflowDagsBucket329EF2C9')!;

    expect(policy.Properties.PolicyDocument.Statement).toEqual(expect.arrayContaining([expect.objectContaining({
      Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    })]));
  });

  test('its bucket and objects go with a stack that destroys everything', () => {
    const synthesized = synthesize({ removalPolicy: RemovalPolicy.DESTROY, dags: [DagSource.directory(join(folder, 'sales'))] });

    expect(synthesized.resources.AirflowDagsBucket329EF2C9.DeletionPolicy).toBe('Delete');
    expect(synthesized.ofType('Custom::S3AutoDeleteObjects').map(([, { Properties }]) => Properties.BucketName.Ref).sort())
      .toEqual(['AirflowDagsBucket329EF2C9', 'AirflowTaskLogsBucket59D1D076']);
  });

  test('its readers may decrypt with a key of the user', () => {
    const stack = newStack();
    new ServerlessAirflow(stack, 'Airflow', { encryptionKey: new kms.Key(stack, 'Key'), dags: [DagSource.directory(join(folder, 'sales'))] });

    expect(new SynthesizedStack(stack).permissions('dag-processor', 'TaskRoleArn')).toContain('Allow kms:Decrypt on ${Key961B73FD.Arn}');
  });

  test('leaves out what is no DAG', () => {
    for (const file of ['__pycache__/a.pyc', 'lib/__pycache__/b.pyc', '.git/HEAD', 'c.pyc', 'notes/d.md', 'lib/e.py']) {
      write(`sales/${file}`, 'pass');
    }
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.directory(join(folder, 'sales'), { exclude: ['notes'] })] });

    const assembly = app.synth();
    const uploads = readdirSync(assembly.directory)
      .filter(name => readdirSyncIfFolder(join(assembly.directory, name)).includes('report.py'))
      .map(name => readdirSync(join(assembly.directory, name), { recursive: true, encoding: 'utf-8' }).sort());
    expect(uploads).toEqual([['lib', 'lib/e.py', 'report.py']]);
  });

  test('tells the cloud assembly where the files come from', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const airflow = new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.directory(join(folder, 'sales'))] });
    const { Resources } = app.synth().getStackArtifact('Stack').template;

    const [metadata] = stack.resolve(airflow.node.findAll().flatMap(({ node }) => node.metadata).filter(({ type }) => type === 'serverless-airflow:dag-directory'));
    expect(Resources[metadata.data.bucketDeployment].Type).toBe('Custom::CDKBucketDeployment');
    expect(resolve(realpathSync(app.outdir), metadata.data.directory)).toBe(join(folder, 'sales'));
    expect(metadata.data.exclude).toEqual(['.git', '.venv', 'cdk.out', 'node_modules', '__pycache__', '*.pyc']);
  });
});

test('several sources: one bucket, and each is read on its own', () => {
  write('other/sales/report.py', 'pass');
  const synthesized = synthesize({
    dags: [DagSource.directory(join(folder, 'sales')), DagSource.directory(join(folder, 'other/sales'), { name: 'sales-eu' }), DagSource.image()],
  });

  expect(bundles(synthesized).map(({ name, kwargs }: any) => [name, kwargs.prefix ?? kwargs.path]))
    .toEqual([['sales', 'dags/sales/'], ['sales-eu', 'dags/sales-eu/'], ['dags-folder', '/opt/airflow/dags']]);
  expect(synthesized.ofType('AWS::S3::Bucket')).toHaveLength(2);
  expect(synthesized.permissions('dag-processor', 'TaskRoleArn')).toEqual([
    'Allow s3:GetObject on ${AirflowDagsBucket329EF2C9.Arn}/dags/sales-eu/*',
    'Allow s3:GetObject on ${AirflowDagsBucket329EF2C9.Arn}/dags/sales/*',
    'Allow s3:ListBucket on ${AirflowDagsBucket329EF2C9.Arn}',
  ]);
});

test('by default the folder of the image: no bucket, no permissions', () => {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow');
  const synthesized = new SynthesizedStack(stack);

  expect(bundles(synthesized)).toEqual([{
    name: 'dags-folder', classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: { path: '/opt/airflow/dags' },
  }]);
  expect(airflow.dagBucket).toBeUndefined();
  expect(synthesized.permissions('dag-processor', 'TaskRoleArn')).toEqual([]);
});

test.each(['cdk.out', 'out'])('the output of the app in %s, which is not uploaded, is not copied into itself', outdir => {
  const stack = new Stack(new App({ outdir: join(folder, outdir) }), 'Stack');
  new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.directory(folder, { name: 'all', exclude: ['/out'] })] });

  const copies = readdirSync(join(folder, outdir), { recursive: true, encoding: 'utf-8' });

  expect(copies.filter(file => file.endsWith('report.py'))).toEqual([expect.stringMatching(/^asset\.\w+\/sales\/report\.py$/)]);
});

test('a folder can have the name of any construct', () => {
  const names = ['Bucket', 'LogGroup', 'Directories', 'Deployment', 'Default', 'Resource'];
  const synthesized = synthesize({ dags: names.map(name => DagSource.directory(join(folder, 'sales'), { name })) });

  expect(bundles(synthesized).map(({ name }: any) => name)).toEqual(names);
});

describe('fails for', () => {
  test('a folder that is not there', () => {
    expect(() => DagSource.directory('no/such/folder'))
      .toThrow(`property path of a DAG directory must be an existing folder, got "no/such/folder": there is no ${resolve('no/such/folder')}`);
  });

  test('a file', () => {
    const file = join(folder, 'sales/report.py');
    expect(() => DagSource.directory(file)).toThrow(`property path of a DAG directory must be a folder, got the file "${file}": give the folder that it is in`);
  });

  test('a folder without DAG files', () => {
    write('docs/readme.md', '');
    expect(() => DagSource.directory(join(folder, 'docs'))).toThrow(/must be a folder with \.py or \.zip files, got ".*docs", which has none$/);
  });

  test.each(['', '-a', 'a-', 'a.', 'a/b', 'a b'])('the name %j', name => {
    expect(() => DagSource.image({ name })).toThrow(`property name of a DAG source must be up to 98 letters, digits, "_", "-" and ".", with no "-" or "." at its ends, got "${name}"`);
  });

  test('a name that is longer than a prefix of an upload may be', () => {
    expect(() => DagSource.directory(join(folder, 'sales'), { name: 'a'.repeat(99) })).toThrow(/^property name of a DAG source must be up to 98 letters/);
  });

  test('an exclude that leaves no DAG file', () => {
    const path = join(folder, 'sales');
    expect(() => DagSource.directory(path, { exclude: ['*.py'] })).toThrow(
      `property exclude must leave .py or .zip files in "${path}", got ["*.py"], which leaves none`);
    expect(() => DagSource.directory(folder, { exclude: ['sales'] })).toThrow('property exclude must leave .py or .zip files');
  });

  test('an exclude that is known at deployment only', () => {
    expect(() => DagSource.directory(folder, { exclude: Lazy.list({ produce: () => ['a'] }) })).toThrow('property exclude must be known at synthesis, got a token');
  });

  test('a folder with the output of the app in it', () => {
    const stack = new Stack(new App({ outdir: join(folder, 'out', 'assembly') }), 'Stack');

    expect(() => new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.directory(folder, { name: 'all' })] })).toThrow(
      `property path of a DAG directory must not have the output of the CDK app in it, got "${folder}" with "out/assembly": give a folder of its own, or add that to property exclude`);
  });

  test('a relative path in the image', () => {
    expect(() => DagSource.image({ path: 'dags' })).toThrow('property path of the DAGs in the image must be absolute and without "$", got "dags"');
  });

  test('two sources of the same name', () => {
    expect(() => synthesize({ dags: [DagSource.image({ name: 'sales' }), DagSource.directory(join(folder, 'sales'))] }))
      .toThrow('property dags must not have two DAG sources with the name "sales": give one of them another with its property name');
  });

  test('no source', () => {
    expect(() => synthesize({ dags: [] })).toThrow('property dags must have one DAG source at least, got []: leave it out for the DAGs in the image');
  });
});

function readdirSyncIfFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
