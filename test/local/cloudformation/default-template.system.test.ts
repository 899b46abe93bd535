import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { TestCloud } from './support';
import { readAssembly, selectStack, type DeployedResource } from '../../../local/cloudformation';
import { DagSource, ServerlessAirflow } from '../../../src';


let test: TestCloud;
beforeEach(async () => {
  test = await TestCloud.start();
});
afterEach(() => test.stop());

function synthesize() {
  mkdirSync(join(test.folder, 'dags'));
  writeFileSync(join(test.folder, 'dags/hello.py'), 'hello');
  const app = new App({ outdir: join(test.folder, 'cdk.out') });
  new ServerlessAirflow(new Stack(app, 'Airflow'), 'Airflow', { dags: [DagSource.directory(join(test.folder, 'dags'))] });
  return selectStack(readAssembly(app.synth().directory));
}

const typesOf = (resources: DeployedResource[]) => [...new Set(resources.map(({ type }) => type))].sort();

describe('the synthesized default template', () => {
  it('is realised as far as it matters, and the rest is named', async () => {
    const { realised, notRealised } = await test.deploy(synthesize());

    expect(typesOf(realised)).toEqual([
      'AWS::EC2::SecurityGroup',
      'AWS::EC2::SecurityGroupEgress',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::ECS::Cluster',
      'AWS::ECS::Service',
      'AWS::ECS::TaskDefinition',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::Function',
      'AWS::RDS::DBCluster',
      'AWS::RDS::DBClusterParameterGroup',
      'AWS::RDS::DBInstance',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::SecretsManager::Secret',
      'AWS::SecretsManager::SecretTargetAttachment',
      'AWS::ServiceDiscovery::PrivateDnsNamespace',
      'AWS::ServiceDiscovery::Service',
      'Custom::AirflowMigration',
      'Custom::CDKBucketDeployment',
      'Custom::FernetKey',
    ]);
    expect(typesOf(notRealised.filter(({ matters }) => matters))).toEqual([
    ]);
    expect(typesOf(notRealised.filter(({ matters }) => !matters))).toEqual([
      'AWS::EC2::EIP',
      'AWS::EC2::InternetGateway',
      'AWS::EC2::NatGateway',
      'AWS::EC2::Route',
      'AWS::EC2::RouteTable',
      'AWS::EC2::Subnet',
      'AWS::EC2::SubnetRouteTableAssociation',
      'AWS::EC2::VPC',
      'AWS::EC2::VPCEndpoint',
      'AWS::EC2::VPCGatewayAttachment',
      'AWS::ECS::ClusterCapacityProviderAssociations',
      'AWS::Lambda::Function', // CDK's bucket deployment, in Python
      'AWS::Lambda::LayerVersion',
      'AWS::Logs::LogGroup',
      'AWS::RDS::DBSubnetGroup',
    ]);
  });

  it('gives services with short and private names, whose secrets exist and have values', async () => {
    await test.deploy(synthesize());

    expect(Object.fromEntries(test.services.map(({ name, privateNames }) => [name, privateNames]))).toEqual({
      'dag-processor': [], 'flower': ['flower.airflow'], 'redis': ['redis.airflow'], 'scheduler': [], 'triggerer': [], 'web-server': ['webserver.airflow'], 'worker': [],
    });
    const arns = test.taskDefinitions.flatMap(({ containers }) => containers.flatMap(({ secrets }) => Object.values(secrets).map(secret => secret.split(':').slice(0, 7).join(':'))));
    const filled = test.aws.secrets.filter(({ SecretString }) => SecretString).map(({ ARN }) => ARN);
    expect([...new Set(arns)].sort()).toEqual(filled.sort());
  });

  it('runs the handlers for real: the Fernet key is made once, the migration task is run once and before the services', async () => {
    const stack = synthesize();

    await test.deploy(stack);
    const key = test.aws.secret('FernetKey').SecretString;
    await test.deploy(stack);

    expect(key).toMatch(/^[\w-]{43}=$/);
    expect(test.aws.secret('FernetKey').SecretString).toBe(key);
    const migration = test.taskDefinitions.find(({ containers }) => containers.some(({ name }) => name === 'migrate'))!;
    expect(migration.containers.map(({ name }) => name)).toEqual(['databases', 'migrate', 'admin']);
    expect(test.aws.requests.filter(request => request.startsWith('RunTask'))).toEqual([`RunTask ${migration.arn}`]);
    const completed = test.events.filter(({ status }) => status === 'CREATE_COMPLETE').map(({ type }) => type);
    expect(completed.indexOf('Custom::AirflowMigration')).toBeLessThan(completed.lastIndexOf('AWS::ECS::Service'));
  });

  it('has its DAG files in the bucket, and says where they come from', async () => {
    const { dagDirectories } = await test.deploy(synthesize());

    expect(dagDirectories).toEqual([{
      directory: join(test.folder, 'dags'), bucket: expect.stringContaining('dagsbucket'), prefix: 'dags/dags', exclude: expect.arrayContaining(['__pycache__']),
    }]);
    expect(Object.fromEntries(test.aws.buckets.get(dagDirectories[0].bucket)!)).toEqual({ 'dags/dags/hello.py': 'hello' });
  });
});
