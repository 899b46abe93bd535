import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AirflowCluster, AirflowDatabase, AirflowSecret, AirflowSecrets, DagSource, FernetKey, ServerlessAirflow, ServerlessAirflowProps,
} from '../src';
import { KEPT } from './default-template/state';
import { newStack } from './private/stack';
import { permission, SynthesizedStack } from './private/template';

const DAGS = `${__dirname}/../examples/typescript/getting-started/dags`;
const STATEFUL = ['AWS::RDS::DBCluster', 'AWS::SecretsManager::Secret', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::Logs::LogGroup'];

function synthesize(props?: ServerlessAirflowProps): SynthesizedStack {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', props);
  return new SynthesizedStack(stack);
}

describe('with no property', () => {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow');
  const synthesized = new SynthesizedStack(stack);

  test('defines seven services and the migration', () => {
    expect(synthesized.ofType('AWS::ECS::Service')).toHaveLength(7);
    expect(Object.keys(synthesized.containers).sort()).toEqual([
      'admin', 'dag-processor', 'databases', 'flower', 'migrate', 'redis', 'scheduler', 'triggerer', 'web-server', 'worker',
    ]);
  });

  test('gives no resource a physical name', () => {
    const names = Object.values(synthesized.resources).flatMap(({ Type, Properties }) => Object.keys(Properties)
      .filter(name => /^(Name|BucketName|RoleName|FunctionName|ClusterName|ServiceName|LogGroupName|DBClusterIdentifier|DBInstanceIdentifier|GroupName)$/.test(name)
        && typeof Properties[name] === 'string')
      .map(name => `${Type}.${name}`));

    expect(new Set(names)).toEqual(new Set(['AWS::ServiceDiscovery::PrivateDnsNamespace.Name', 'AWS::ServiceDiscovery::Service.Name']));
  });

  test('is what DAG code runs as, and from', () => {
    expect(airflow.grantPrincipal === airflow.worker.taskDefinition.taskRole).toBe(true);
    expect(airflow.connections === airflow.worker.connections).toBe(true);
  });
});

describe('state', () => {
  test('is kept, under logical ids that never change', () => {
    const synthesized = synthesize({ dags: [DagSource.directory(DAGS)] });

    expect(Object.fromEntries(STATEFUL.flatMap(type => synthesized.ofType(type)).map(([id, { DeletionPolicy }]) => [id, DeletionPolicy]))).toEqual({
      ...KEPT,
      AirflowDatabaseMasterSecretE78BCA93: 'Delete', // the restored snapshot gets a new one
      AirflowDagsLogGroupCF6A41C7: 'Delete',
    });
  });

  test('is deleted when told', () => {
    const synthesized = synthesize({ removalPolicy: RemovalPolicy.DESTROY });

    expect(STATEFUL.flatMap(type => synthesized.ofType(type)).filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Delete')).toEqual([]);
    expect(synthesized.resources.AirflowDatabaseCluster390DDA42.Properties.DeletionProtection).toBe(false);
  });

  test('what cannot leave a snapshot is retained when told to leave one', () => {
    const synthesized = synthesize({ removalPolicy: RemovalPolicy.SNAPSHOT });

    expect(synthesized.resources.AirflowDatabaseCluster390DDA42).toMatchObject({ DeletionPolicy: 'Snapshot', Properties: { DeletionProtection: true } });
    expect(synthesized.resources.AirflowTaskLogsBucket59D1D076.DeletionPolicy).toBe('RetainExceptOnCreate');
  });
});

describe('what is brought is used', () => {
  test('VPC and subnets', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'other', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'airflow', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      ],
    });
    new ServerlessAirflow(stack, 'Airflow', { vpc, vpcSubnets: { subnetGroupName: 'airflow' } });
    const synthesized = new SynthesizedStack(stack);
    const subnets = vpc.selectSubnets({ subnetGroupName: 'airflow' }).subnetIds.map(id => stack.resolve(id));

    expect(synthesized.ofType('AWS::EC2::VPC')).toHaveLength(1);
    for (const [, { Properties }] of synthesized.ofType('AWS::ECS::Service')) {
      expect(Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual(subnets);
    }
    expect(synthesized.ofType('AWS::RDS::DBSubnetGroup')[0][1].Properties.SubnetIds).toEqual(subnets);
  });

  test('cluster, database, secrets and Fernet key', () => {
    const stack = newStack();
    const cluster = new AirflowCluster(stack, 'Cluster');
    const database = new AirflowDatabase(stack, 'Database', { vpc: cluster.vpc });
    const secrets = new AirflowSecrets(stack, 'Secrets');
    const fernetKey = FernetKey.fromSecret(stack, 'FernetKey', secretsmanager.Secret.fromSecretNameV2(stack, 'Fernet', 'fernet'), 'key');
    const airflow = new ServerlessAirflow(stack, 'Airflow', { cluster, database, secrets, fernetKey });
    const synthesized = new SynthesizedStack(stack);

    expect([airflow.cluster === cluster, airflow.database === database, airflow.secrets === secrets, airflow.fernetKey === fernetKey])
      .toEqual([true, true, true, true]);
    expect(synthesized.ofType('AWS::RDS::DBCluster')).toHaveLength(1);
    expect(synthesized.ofType('AWS::ECS::Cluster')).toHaveLength(1);
    expect(synthesized.ofType('Custom::FernetKey')).toEqual([]);
    expect(synthesized.containers.scheduler.secrets.AIRFLOW__CORE__FERNET_KEY).toMatch(/:secret:fernet:key::$/);
  });

  test('passwords of any characters: they are percent-encoded when Airflow asks for a URL', () => {
    const stack = newStack();
    const brought = AirflowSecret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'brought'), 'password');
    const secrets = new AirflowSecrets(stack, 'Secrets', { database: brought, resultDatabase: brought, broker: brought, flower: brought, apiSecretKey: brought, jwtSecret: brought });
    new ServerlessAirflow(stack, 'Airflow', { secrets });
    const { containers } = new SynthesizedStack(stack);

    const { scheduler, worker, flower, 'web-server': webServer } = containers;
    expect(scheduler.environment.AIRFLOW__CELERY__BROKER_URL).toBeUndefined();
    expect(scheduler.environment.AIRFLOW__CELERY__BROKER_URL_CMD).toBe('python -c "import os,urllib.parse as p;'
      + 'print(\'redis://:\'+p.quote(os.environ[\'AIRFLOW_REDIS_PASSWORD\'],safe=\'\')+\'@redis.airflow:6379/0\',end=\'\')"');
    expect(scheduler.environment.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD).toContain('p.quote(os.environ[\'AIRFLOW_DB_PASSWORD\'],safe=\'\')');
    expect(scheduler.environment.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD).toContain('/airflow?ssl=require');
    expect(worker.environment.AIRFLOW__CELERY__RESULT_BACKEND_CMD).toBe(scheduler.environment.AIRFLOW__CELERY__RESULT_BACKEND_CMD);
    expect(flower.secrets.AIRFLOW_FLOWER_PASSWORD).toMatch(/:secret:brought:password::$/);
    expect(webServer.environment).toMatchObject({
      AIRFLOW__API__SECRET_KEY_CMD: 'python -c "import os;print(os.environ[\'AIRFLOW_API_SECRET_KEY\'],end=\'\')"',
      AIRFLOW__API_AUTH__JWT_SECRET_CMD: 'python -c "import os;print(os.environ[\'AIRFLOW_JWT_SECRET\'],end=\'\')"',
    });
    expect(Object.keys(webServer.secrets).sort()).toEqual(['AIRFLOW_API_SECRET_KEY', 'AIRFLOW_DB_PASSWORD', 'AIRFLOW_JWT_SECRET', 'AIRFLOW__CORE__FERNET_KEY']);
    for (const { secrets: variables } of [scheduler, worker, flower]) {
      expect(variables.AIRFLOW_REDIS_PASSWORD).toMatch(/:secret:brought:password::$/);
    }
  });
});

describe('options of components', () => {
  const image = ecs.ContainerImage.fromRegistry('example.com/airflow:1');
  const { containers } = synthesize({
    image,
    cpuArchitecture: ecs.CpuArchitecture.X86_64,
    environment: { AIRFLOW__CORE__DEFAULT_TIMEZONE: 'Europe/Berlin', A: 'all' },
    webServer: { environment: { A: 'web' }, memoryLimitMiB: 2048 },
  });

  test('image and environment of all, the migration included', () => {
    for (const name of ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower', 'migrate', 'admin']) {
      expect(containers[name].definition.Image).toBe('example.com/airflow:1');
      expect(containers[name].environment.AIRFLOW__CORE__DEFAULT_TIMEZONE).toBe('Europe/Berlin');
    }
  });

  test('of one component', () => {
    expect(containers['web-server'].environment.A).toBe('web');
    expect(containers.scheduler.environment.A).toBe('all');
  });

  test('one architecture for all tasks', () => {
    const synthesized = synthesize({ cpuArchitecture: ecs.CpuArchitecture.X86_64 });

    expect(new Set(synthesized.ofType('AWS::ECS::TaskDefinition').map(([, { Properties }]) => Properties.RuntimePlatform.CpuArchitecture))).toEqual(new Set(['X86_64']));
  });
});

test('further workers have their own queues, size and permissions', () => {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow');
  const reports = airflow.addWorkerPool('Reports', { queues: ['reports'], desiredCount: 5, memoryLimitMiB: 8192 });
  new s3.Bucket(stack, 'Bucket').grantRead(reports);
  const synthesized = new SynthesizedStack(stack);

  expect(synthesized.containers['worker-reports'].definition.Command.slice(-4)).toEqual(['celery', 'worker', '--queues', 'reports']);
  expect(synthesized.containers['worker-reports'].secrets).toEqual(synthesized.containers.worker.secrets);
  expect(synthesized.containers.scheduler.environment.AIRFLOW__CORE__PARALLELISM).toBe(String(Math.ceil((7 + 5 * 15) * 1.25)));
  expect(synthesized.permissions('worker-reports', 'TaskRoleArn').join()).toContain('Bucket83908E77');
  expect(synthesized.permissions('worker', 'TaskRoleArn').join()).not.toContain('Bucket83908E77');
});

test('every role may use a customer managed key for exactly what it does with it', () => {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow', { encryptionKey: new kms.Key(stack, 'Key'), dags: [DagSource.directory(DAGS)] });
  const synthesized = new SynthesizedStack(stack);
  const ofTasks = (role: 'TaskRoleArn' | 'ExecutionRoleArn') => Object.fromEntries(Object.keys(synthesized.containers)
    .map(container => [container, synthesized.permissions(container, role).filter(text => text.includes('kms:'))]));
  const ofHandlers = synthesized.ofType('AWS::IAM::Role').filter(([, { Properties }]) => Properties.Policies)
    .map(([id]) => [id, synthesized.statements(id).map(permission).filter(text => text.includes('kms:')).sort()]);
  const readSecrets = ['Allow kms:Decrypt on ${Key961B73FD.Arn} if {"StringEquals":{"kms:ViaService":"secretsmanager.${AWS::Region}.amazonaws.com"}}'];
  const read = ['Allow kms:Decrypt on ${Key961B73FD.Arn}'];
  const write = ['Allow kms:Decrypt kms:GenerateDataKey on ${Key961B73FD.Arn}'];

  expect(ofTasks('ExecutionRoleArn')).toEqual(Object.fromEntries(Object.keys(synthesized.containers).map(container => [container, readSecrets])));
  expect(ofTasks('TaskRoleArn')).toEqual({
    'web-server': read,
    'scheduler': [],
    'dag-processor': read,
    'triggerer': write,
    'worker': [...write, ...read],
    'flower': [],
    'redis': [],
    ...{ databases: [], migrate: [], admin: [] },
  });
  expect(Object.fromEntries(ofHandlers)).toEqual({
    AirflowFernetKeyFunctionRoleE4A74461: readSecrets.map(text => text.replace('kms:Decrypt', 'kms:Decrypt kms:GenerateDataKey')),
    AirflowMigrationFunctionRole0861FF93: [],
  });
});

test('without Flower exactly its service, roles, security group, name and password are missing, and nothing else is different', () => {
  const withFlower = synthesize().resources;
  const without = synthesize({ flower: { enabled: false } }).resources;
  const stack = newStack();
  const missing = Object.keys(withFlower).filter(id => !(id in without));

  expect(new ServerlessAirflow(stack, 'Airflow', { flower: { enabled: false } }).flower).toBeUndefined();
  expect(missing.map(id => withFlower[id].Type).sort()).toEqual([
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupEgress',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::ECS::Service',
    'AWS::ECS::TaskDefinition',
    'AWS::IAM::Policy', // of the execution role: the task role has no permission
    'AWS::IAM::Role',
    'AWS::IAM::Role',
    'AWS::SecretsManager::Secret',
    'AWS::ServiceDiscovery::Service',
  ]);
  expect(missing.filter(id => !/Flower/.test(id))).toEqual([]);
  expect(without).toEqual(Object.fromEntries(Object.entries(withFlower).filter(([id]) => !missing.includes(id))));
});

describe('without the first pool of workers', () => {
  const airflow = (scope = newStack()) => new ServerlessAirflow(scope, 'Airflow', { worker: { enabled: false } });

  test('another one does all, and code of DAGs runs there', () => {
    const stack = newStack();
    const deployment = airflow(stack);
    const pool = deployment.addWorkerPool('Etl', { queues: ['default'] });
    new s3.Bucket(stack, 'Bucket').grantRead(deployment.dagCode);
    const synthesized = new SynthesizedStack(stack);

    expect(Object.keys(synthesized.containers).filter(name => name.startsWith('worker'))).toEqual(['worker-etl']);
    expect(Object.keys(synthesized.resources).filter(id => id.startsWith('AirflowWorker'))).toEqual([]);
    expect(synthesized.permissions('worker-etl', 'TaskRoleArn').join()).toContain('Bucket83908E77');
    expect(pool._queues).toEqual(['default']);
  });

  test('there has to be another one', () => {
    const stack = newStack();
    airflow(stack);

    expect(() => Template.fromStack(stack)).toThrow('property worker.enabled must not be false without another pool of workers: add one with addWorkerPool');
  });

  test.each(['worker', 'connections', 'grantPrincipal'] as const)('%s is an error', property => {
    expect(() => airflow()[property]).toThrow('property worker.enabled must not be false where the first pool of workers is used: take a pool that addWorkerPool returns, or dagCode');
  });
});

test('Flower that is enabled is the default', () => {
  expect(synthesize({ flower: { enabled: true } }).resources).toEqual(synthesize().resources);
});

test('two deployments in one stack share nothing', () => {
  const stack = newStack();
  new ServerlessAirflow(stack, 'First');
  new ServerlessAirflow(stack, 'Second');
  const template = Template.fromStack(stack);

  template.resourceCountIs('AWS::ECS::Service', 14);
  template.resourceCountIs('AWS::S3::Bucket', 2);
  const taskDefinitions = JSON.stringify(template.findResources('AWS::ECS::TaskDefinition'));
  expect(new Set(taskDefinitions.match(/(?<=JWT_ISSUER","Value":")\w+/g))).toEqual(new Set(['StackFirstClusterE48E6DA8', 'StackSecondClusterEA253A01']));
});

test('synthesis is deterministic', () => {
  const props = () => ({ dags: [DagSource.directory(DAGS)] });

  expect(synthesize(props()).resources).toEqual(synthesize(props()).resources);
});

test('the template stays small', () => {
  const { resources } = synthesize({ dags: [DagSource.directory(DAGS)] });

  expect(JSON.stringify({ Resources: resources }, undefined, 1).length).toBeLessThan(200 * 1024);
});

describe('fails for', () => {
  test.each(['vpc', 'vpcSubnets'])('%s together with a cluster', property => {
    const stack = newStack();
    const cluster = new AirflowCluster(stack, 'Cluster');
    const value = { vpc: cluster.vpc, vpcSubnets: cluster.vpcSubnets }[property];

    expect(() => new ServerlessAirflow(stack, 'Airflow', { cluster, [property]: value }))
      .toThrow(`property ${property} must be left out when property cluster is given: the AirflowCluster has its own`);
  });

  test('a variable that the library owns', () => {
    expect(() => synthesize({ environment: { AIRFLOW__CORE__EXECUTOR: 'LocalExecutor' } }))
      .toThrow('property environment must not contain AIRFLOW__CORE__EXECUTOR: tasks run by the CeleryExecutor');
  });

  test('a second deployment in one AirflowCluster', () => {
    const stack = newStack();
    const { cluster } = new ServerlessAirflow(stack, 'First');

    expect(() => new ServerlessAirflow(stack, 'Second', { cluster })).toThrow(/^property cluster has/);
  });

  test('an id of a worker that gives no name', () => {
    const airflow = new ServerlessAirflow(newStack(), 'Airflow');

    expect(() => airflow.addWorkerPool('-')).toThrow('property id must be up to 100 characters, with a letter or digit among them, got "-"');
  });

  test('an id that a part of the deployment has', () => {
    const airflow = new ServerlessAirflow(newStack(), 'Airflow');

    expect(() => airflow.addWorkerPool('Redis')).toThrow('property id must be one that nothing of this deployment has, got "Redis": its part "Redis" does');
  });

  test('pools whose ids differ in their case only', () => {
    const airflow = new ServerlessAirflow(newStack(), 'Airflow');
    airflow.addWorkerPool('r', { queues: ['first'] });

    expect(() => airflow.addWorkerPool('R', { queues: ['second'] })).toThrow('property poolName must differ for each pool of an AirflowCluster, and so must ids in more than uppercase and '
      + 'punctuation, got the name of Stack/Airflow/r: both containers would be worker-r');
  });

  test('a wrong type in an option of a service, which it names', () => {
    expect(() => synthesize({ scheduler: { cpu: '512' as any } })).toThrow('property scheduler.cpu must be a number, got "512"');
  });
});
