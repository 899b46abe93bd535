import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { appFiles } from '../../../local/mwaa/app-files';
import { readEnvironment, readSubnets } from '../../../local/mwaa/environment';
import { plan } from '../../../local/mwaa/plan';
import { synthesize } from '../../../tools/example';
import { scratchFolder } from '../scratch-folder';

const ENVIRONMENT = readEnvironment(join(__dirname, 'environment.json'));
const PLAN = plan(ENVIRONMENT, readSubnets(join(__dirname, 'subnets.json'), ENVIRONMENT.NetworkConfiguration!.SubnetIds!));

test('the app in TypeScript', () => {
  expect(appFiles(ENVIRONMENT, PLAN, 'typescript')['app.ts']).toBe(`import { App, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { AirflowVersion, DagSource, ServerlessAirflow, WorkerScaling } from 'serverless-airflow';

const app = new App();
const stack = new Stack(app, 'analytics-prod');
const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a', 'eu-west-1b'], privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] });
const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef');

new ServerlessAirflow(stack, 'Airflow', {
  version: AirflowVersion.of('3.3.2'),
  image: ecs.ContainerImage.fromAsset('bucket', { platform: Platform.LINUX_ARM64, exclude: ['dags'] }),
  dags: [DagSource.directory('bucket/dags')],
  environment: {
    AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT: '60',
    AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '3',
    AIRFLOW__SECRETS__BACKEND: 'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
    AIRFLOW__SECRETS__BACKEND_KWARGS: '{"connections_prefix" : "airflow/connections", "variables_prefix" : "airflow/variables"}',
  },
  vpc,
  encryptionKey,
  webServer: { cpu: 1024, memoryLimitMiB: 2048, desiredCount: 2 },
  scheduler: { cpu: 1024, memoryLimitMiB: 2048, desiredCount: 2 },
  dagProcessor: { cpu: 1024, memoryLimitMiB: 2048, environment: {
    AIRFLOW__LOGGING__LOGGING_LEVEL: 'WARNING',
  } },
  worker: { cpu: 2048, memoryLimitMiB: 6144, concurrency: 10, environment: {
    AIRFLOW__LOGGING__LOGGING_LEVEL: 'DEBUG',
  }, scaling: WorkerScaling.onQueue({ minWorkers: 2, maxWorkers: 10 }) },
});
Tags.of(app).add("team", "analytics");
`);
});

test('the app in Python has the same in its own names', () => {
  const { 'app.py': app, ...others } = appFiles(ENVIRONMENT, PLAN, 'python');

  expect(app).toContain('from serverless_airflow import AirflowFirstWorkerPoolOptions, AirflowServiceOptions, AirflowVersion, DagSource, ServerlessAirflow, WorkerScaling\n');
  expect(app).toContain('    encryption_key=encryption_key,\n    web_server=AirflowServiceOptions(cpu=1024, memory_limit_mib=2048, desired_count=2),\n');
  expect(app).toContain('    image=ecs.ContainerImage.from_asset("bucket", platform=Platform.LINUX_ARM64, exclude=["dags"]),\n');
  expect(app).toContain('scaling=WorkerScaling.on_queue(min_workers=2, max_workers=10)),\n)\n');
  expect(Object.keys(others)).toEqual(['requirements.txt', 'cdk.json', 'bucket/Dockerfile', 'MIGRATION.md']);
});

test('the app synthesizes as it is written', () => {
  const folder = scratchFolder();
  const files = { ...appFiles(ENVIRONMENT, PLAN, 'typescript'), 'bucket/dags/one.py': 'from airflow.sdk import dag\n', 'bucket/requirements.txt': '', 'bucket/plugins/a.py': '' };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const cloudAssembly = synthesize(folder, undefined, folder);
  const template = Template.fromJSON(JSON.parse(readFileSync(join(cloudAssembly, 'analytics-prod.template.json'), 'utf-8')));

  template.resourceCountIs('AWS::ECS::Service', 7);
  template.resourceCountIs('AWS::EC2::VPC', 0);
  const image = readdirSync(cloudAssembly).filter(name => name.startsWith('asset.') && !name.includes('.', 6)).map(name => readdirSync(join(cloudAssembly, name))).find(names => names.includes('Dockerfile'));
  expect(image!.sort()).toEqual(['Dockerfile', 'plugins', 'requirements.txt']);
});

test('the image has requirements, plugins and the start-up script, each only if there is one', () => {
  const dockerfile = (more: object) => appFiles(ENVIRONMENT, { ...PLAN, requirements: undefined, plugins: undefined, ...more }, 'python')['bucket/Dockerfile'];

  expect(dockerfile({ requirements: 'airflow/requirements.txt' })).toContain('COPY airflow/requirements.txt /tmp/requirements.txt\nRUN pip install --no-cache-dir "apache-airflow==3.3.2" -r');
  expect(dockerfile({ plugins: 'plugins.zip' })).toBe('FROM apache/airflow:3.3.2-python3.12\nCOPY plugins/ /opt/airflow/plugins/\n');
  expect(dockerfile({ startupScript: 'startup.sh' })).toContain('COPY startup.sh /tmp/startup.sh\nUSER root\nRUN bash /tmp/startup.sh\nUSER airflow\n');
});

test('what to do next says where the files come from, and what is different', () => {
  const next = appFiles(ENVIRONMENT, PLAN, 'python')['MIGRATION.md'];

  expect(next).toContain('aws s3 sync s3://example-airflow-analytics bucket --exclude \'*\' --include \'dags/*\' --include \'requirements.txt\' --include \'plugins.zip\'\n');
  expect(next).toContain('unzip bucket/plugins.zip -d bucket/plugins\n');
  PLAN.notes.forEach(note => expect(next).toContain(`- ${note}\n`));
});
