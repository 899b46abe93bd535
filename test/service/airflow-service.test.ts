import { CfnParameter, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  AirflowBroker, AirflowCluster, AirflowComponent, AirflowDatabase, AirflowParts, AirflowSecrets, AirflowService, AirflowServiceOptions,
  AirflowWorkerPool,
  AirflowWorkerPoolProps, FernetKey, TaskLogs,
} from '../../src';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

let stack: Stack;
let parts: AirflowParts;

beforeEach(() => {
  stack = newStack();
  const cluster = new AirflowCluster(stack, 'Cluster');
  parts = {
    cluster,
    secrets: new AirflowSecrets(stack, 'Secrets'),
    database: new AirflowDatabase(stack, 'Database', { vpc: cluster.vpc }),
    fernetKey: new FernetKey(stack, 'FernetKey'),
    broker: AirflowBroker.redisOnFargate(),
    taskLogs: TaskLogs.s3(),
  };
});

function worker(props: Partial<AirflowWorkerPoolProps> = {}, id = 'Worker'): AirflowWorkerPool {
  return new AirflowWorkerPool(stack, id, { ...parts, ...props });
}

function scheduler(options: AirflowServiceOptions = {}): AirflowService {
  return new AirflowService(stack, 'Scheduler', { ...parts, ...options, component: AirflowComponent.SCHEDULER });
}

test('how many tasks run is left to auto scaling where there is some: a deployment would undo its work', () => {
  const counts = () => new SynthesizedStack(stack).service('worker').Properties.DesiredCount;
  const { service } = worker({ desiredCount: 3 });
  service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 6 });

  expect(counts()).toBeUndefined();
});

test.each([
  [undefined, 'http://localhost:5555/healthcheck'],
  ['/flower', 'http://localhost:5555/flower/healthcheck'],
])('the health check of Flower follows its prefix %s', (prefix, url) => {
  new AirflowService(stack, 'Flower', {
    ...parts, component: AirflowComponent.FLOWER, environment: prefix ? { AIRFLOW__CELERY__FLOWER_URL_PREFIX: prefix } : {},
  });

  expect(new SynthesizedStack(stack).containers.flower.healthCheck).toBe(`curl -fsS -m 5 ${url}`);
});

describe('alone', () => {
  test('services of one cluster share broker and task logs, and reach each other where they have to', () => {
    worker();
    new AirflowService(stack, 'WebServer', { ...parts, component: AirflowComponent.WEB_SERVER });
    worker({ poolName: 'reports', queues: ['reports'] }, 'Reports');
    const synthesized = new SynthesizedStack(stack);

    expect(synthesized.ofType('AWS::S3::Bucket')).toHaveLength(1);
    expect(Object.keys(synthesized.containers).sort()).toEqual(['redis', 'web-server', 'worker', 'worker-reports']);
    expect(synthesized.connections().filter(connection => !connection.endsWith('/0:443'))).toEqual([
      'Airflow: web-server -> Airflow: database:5432',
      'Airflow: web-server -> Airflow: worker-reports:8793',
      'Airflow: web-server -> Airflow: worker:8793',
      'Airflow: worker -> Airflow: Redis:6379',
      'Airflow: worker -> Airflow: database:5432',
      'Airflow: worker -> Airflow: web-server:8080',
      'Airflow: worker-reports -> Airflow: Redis:6379',
      'Airflow: worker-reports -> Airflow: database:5432',
      'Airflow: worker-reports -> Airflow: web-server:8080',
    ]);
  });

  test('a service in a stack of its own keeps its rules there, on both sides', () => {
    new AirflowService(stack, 'WebServer', { ...parts, component: AirflowComponent.WEB_SERVER });
    const other = new Stack(stack.node.root, 'Other');
    new AirflowWorkerPool(other, 'Worker', parts);

    const { Resources } = Template.fromStack(other).toJSON();
    const rules = (type: string) => Object.values<any>(Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties.Description)
      .sort();
    const expected = ['web-server to worker', 'worker to broker', 'worker to database', 'worker to web-server'];
    expect(rules('AWS::EC2::SecurityGroupEgress')).toEqual(expected);
    expect(rules('AWS::EC2::SecurityGroupIngress')).toEqual(expected);
    expect(stack.dependencies).toEqual([]);
  });

  test('what a component does not need is not defined', () => {
    new AirflowService(stack, 'DagProcessor', { ...parts, component: AirflowComponent.DAG_PROCESSOR });
    const synthesized = new SynthesizedStack(stack);

    expect(Object.keys(synthesized.containers)).toEqual(['dag-processor']);
    expect(synthesized.ofType('AWS::S3::Bucket')).toEqual([]);
  });

  test('Flower of a deployment whose secrets have no password for it', () => {
    const secrets = new AirflowSecrets(stack, 'Others', { flowerEnabled: false });
    expect(() => new AirflowService(stack, 'Flower', { ...parts, secrets, component: AirflowComponent.FLOWER })).toThrow(
      'property secrets must have a password of Flower, got AirflowSecrets with flowerEnabled: false: leave that out, or leave Flower out');
  });

  test('fails for a second web server in one cluster', () => {
    const define = (id: string) => new AirflowService(stack, id, { ...parts, component: AirflowComponent.WEB_SERVER });
    define('First');

    expect(() => define('Second')).toThrow(
      'property cluster has a web-server already, and there is one webserver for each AirflowCluster: raise desiredCount, or define another AirflowCluster');
  });
});

describe('options', () => {
  test('image, size, count and architecture', () => {
    worker({
      image: ecs.ContainerImage.fromRegistry('example.com/airflow:1'),
      cpu: 2048,
      memoryLimitMiB: 8192,
      desiredCount: 3,
      cpuArchitecture: ecs.CpuArchitecture.X86_64,
      stopTimeout: Duration.seconds(90),
    });
    const synthesized = new SynthesizedStack(stack);
    const { definition, taskDefinition } = synthesized.containers.worker;

    expect(definition).toMatchObject({ Image: 'example.com/airflow:1', StopTimeout: 90 });
    expect(synthesized.resources[taskDefinition].Properties).toMatchObject({ Cpu: '2048', Memory: '8192', RuntimePlatform: { CpuArchitecture: 'X86_64' } });
    expect(synthesized.service('worker').Properties.DesiredCount).toBe(3);
  });

  test('queues are what Celery consumes', () => {
    worker({ queues: ['default', 'reports'] });

    expect(new SynthesizedStack(stack).containers.worker.definition.Command.slice(-4)).toEqual(['celery', 'worker', '--queues', 'default,reports']);
  });

  test('ECS Exec: the agent may write in the container and open its channels', () => {
    worker({ enableExecuteCommand: true });
    const synthesized = new SynthesizedStack(stack);
    const { ReadonlyRootFilesystem, LinuxParameters } = synthesized.containers.worker.definition;

    expect(synthesized.service('worker').Properties.EnableExecuteCommand).toBe(true);
    expect(ReadonlyRootFilesystem).toBe(false);
    expect(LinuxParameters.Capabilities).toEqual({});
    expect(synthesized.permissions('worker', 'TaskRoleArn').filter(permission => !permission.includes('s3:'))).toEqual([
      'Allow ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel on *',
    ]);
  });

  test('no ECS Exec by default', () => {
    worker();

    expect(new SynthesizedStack(stack).service('worker').Properties.EnableExecuteCommand).toBeUndefined();
  });

  test.each([[1024, 4096, 1024, 512], [2048, 16384, 4096, 2048], [256, 1024, 256, 128]])('with %d CPU units and %d MiB files of tasks may take %d MiB, Airflow\'s own %d', (cpu, memoryLimitMiB, temporary, own) => {
    worker({ cpu, memoryLimitMiB });

    expect(new SynthesizedStack(stack).containers.worker.definition.LinuxParameters.Tmpfs).toMatchObject([
      { ContainerPath: '/tmp', Size: temporary }, { ContainerPath: '/var/tmp', Size: own },
    ]);
  });

  test('a disk for the files of tasks, which a container before opens to them', () => {
    worker({ ephemeralStorage: Size.gibibytes(50), image: ecs.ContainerImage.fromRegistry('example.com/airflow:1') });
    const synthesized = new SynthesizedStack(stack);
    const { definition, taskDefinition } = synthesized.containers.worker;
    const { Properties: { EphemeralStorage, Volumes, ContainerDefinitions } } = synthesized.resources[taskDefinition];
    const mountPoints = [{ ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'temporary-files' }];

    expect({ EphemeralStorage, Volumes }).toEqual({ EphemeralStorage: { SizeInGiB: 50 }, Volumes: [{ Name: 'temporary-files' }] });
    expect(ContainerDefinitions.map(({ Name }: { Name: string }) => Name)).toEqual(['worker', 'worker-disk']);
    expect(definition).toMatchObject({ MountPoints: mountPoints, DependsOn: [{ Condition: 'SUCCESS', ContainerName: 'worker-disk' }] });
    expect(definition.LinuxParameters.Tmpfs).toMatchObject([{ ContainerPath: '/var/tmp', Size: 512 }]);
    expect(synthesized.containers['worker-disk'].definition).toEqual({
      EntryPoint: ['chmod', '1777', '/tmp'],
      Essential: false,
      Image: 'example.com/airflow:1',
      LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
      LogConfiguration: definition.LogConfiguration,
      MountPoints: mountPoints,
      Name: 'worker-disk',
      ReadonlyRootFilesystem: true,
      User: '0:0',
    });
  });

  test('a disk whose size is known at deployment only', () => {
    worker({ ephemeralStorage: Size.gibibytes(new CfnParameter(stack, 'Disk', { type: 'Number' }).valueAsNumber) });
    const synthesized = new SynthesizedStack(stack);

    expect(synthesized.resources[synthesized.containers.worker.taskDefinition].Properties.EphemeralStorage).toEqual({ SizeInGiB: { Ref: 'Disk' } });
  });

  test('existing roles get what the component needs', () => {
    const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    worker({ taskRole: role('Task'), executionRole: role('Execution') });
    const synthesized = new SynthesizedStack(stack);
    const { Properties } = synthesized.resources[synthesized.containers.worker.taskDefinition];

    expect(stack.resolve(Properties.TaskRoleArn)).toEqual({ 'Fn::GetAtt': ['Task79114B6B', 'Arn'] });
    expect(stack.resolve(Properties.ExecutionRoleArn)).toEqual({ 'Fn::GetAtt': ['ExecutionB02F1F83', 'Arn'] });
    expect(synthesized.permissions('worker', 'TaskRoleArn').join()).toContain('s3:PutObject');
    expect(synthesized.permissions('worker', 'ExecutionRoleArn').join()).toContain('secretsmanager:GetSecretValue');
  });

  test('existing security groups get the rules of the component, and no new one is defined', () => {
    const { vpc } = parts.cluster;
    const securityGroup = new ec2.SecurityGroup(stack, 'Mine', { vpc, allowAllOutbound: false, description: 'mine' });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443));
    worker({ securityGroups: [securityGroup] });
    new AirflowService(stack, 'WebServer', { ...parts, component: AirflowComponent.WEB_SERVER });

    expect(new SynthesizedStack(stack).connections().filter(connection => connection.includes('mine'))).toEqual([
      'Airflow: web-server -> mine:8793',
      'mine -> 0.0.0.0/0:443',
      'mine -> Airflow: Redis:6379',
      'mine -> Airflow: database:5432',
      'mine -> Airflow: web-server:8080',
    ]);
  });

  test('metrics are those of the ECS service', () => {
    const service = worker();
    const dimensions = { ClusterName: stack.resolve(parts.cluster.ecsCluster.clusterName), ServiceName: stack.resolve(service.service.serviceName) };
    const metrics = [service.metric('RunningTaskCount'), service.metricCpuUtilization(), service.metricMemoryUtilization({ statistic: 'max' })];

    expect(metrics.map(({ namespace, metricName, statistic }) => [namespace, metricName, statistic])).toEqual([
      ['AWS/ECS', 'RunningTaskCount', 'Average'], ['AWS/ECS', 'CPUUtilization', 'Average'], ['AWS/ECS', 'MemoryUtilization', 'Maximum'],
    ]);
    expect(metrics.map(metric => stack.resolve(metric.dimensions))).toEqual(Array(3).fill(dimensions));
  });

  test('grants and connections are those of the task', () => {
    const secret = new secretsmanager.Secret(stack, 'Secret');
    const service = worker();
    secret.grantRead(service);

    expect(new SynthesizedStack(stack).permissions('worker', 'TaskRoleArn'))
      .toContain('Allow secretsmanager:DescribeSecret secretsmanager:GetSecretValue on ${SecretA720EF05}');
    expect(service.connections.defaultPort!.toString()).toBe('8793');
  });

  test.each([
    [{ cpu: 300 }, 'property cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got 300'],
    [{ cpu: 1024, memoryLimitMiB: 1024 }, 'property memoryLimitMiB must be 2048 to 8192 in steps of 1024 MiB with cpu 1024, got 1024'],
    [{ desiredCount: -1 }, 'property desiredCount must be a whole number from 0, got -1'],
    [{ desiredCount: 1.5 }, 'property desiredCount must be a whole number from 0, got 1.5'],
    [{ stopTimeout: Duration.minutes(3) }, 'property stopTimeout must be 1 to 120 seconds on Fargate, got 180 seconds'],
    [{ stopTimeout: Duration.seconds(0) }, 'property stopTimeout must be 1 to 120 seconds on Fargate, got 0 seconds'],
    [{ stopTimeout: Duration.millis(1500) }, 'property stopTimeout must be whole seconds, got 1.5 seconds'],
    [{ stopTimeout: Duration.minutes(Lazy.number({ produce: () => 1 })) }, 'property stopTimeout must be Duration.seconds(…) when it is a token, got Duration.minutes(…)'],
    [{ memoryLimitMiB: Lazy.number({ produce: () => 4096 }) }, 'property memoryLimitMiB must be known at synthesis, got a token: limits of files and messages are shares of it'],
    [{ ephemeralStorage: Size.gibibytes(20) }, 'property ephemeralStorage must be 21 to 200 whole GiB on Fargate, got 20 GiB'],
    [{ ephemeralStorage: Size.gibibytes(201) }, 'property ephemeralStorage must be 21 to 200 whole GiB on Fargate, got 201 GiB'],
    [{ ephemeralStorage: Size.mebibytes(21.5 * 1024) }, 'property ephemeralStorage must be 21 to 200 whole GiB on Fargate, got 21.5 GiB'],
    [{ ephemeralStorage: Size.mebibytes(Lazy.number({ produce: () => 51200 })) }, 'property ephemeralStorage must be Size.gibibytes(…) when it is a token, got one in another unit'],
    [{ queues: ['-a'] }, 'property queues must have names of up to 256 letters, digits, "_", "-" and ".", with no "-" at first, got "-a"'],
    [{ queues: ['a', 'b', 'a'] }, 'property queues must have each queue once, got "a" twice'],
    [{ environment: { '': 'x' } }, 'property environment must have names of variables without spaces and "=", got ""'],
    [{ environment: { 'A B': 'x' } }, 'property environment must have names of variables without spaces and "=", got "A B"'],
    [{ environment: { 'A=B': 'x' } }, 'property environment must have names of variables without spaces and "=", got "A=B"'],
    [{ poolName: 'a'.repeat(101) }, 'property poolName must be 1 to 100 lowercase letters, digits and "-", got "aaa'],
    [{ queues: [] }, 'property queues must have one queue at least, got []: leave it out for the queue "default"'],
    [{ queues: ['a', 'b,c'] }, 'property queues must have names of up to 256 letters, digits, "_", "-" and ".", with no "-" at first, got "b,c"'],
    [{ securityGroups: [] }, 'property securityGroups must have one security group at least, got []: leave it out for a new one'],
    [{ poolName: 'My Worker' }, 'property poolName must be 1 to 100 lowercase letters, digits and "-", got "My Worker"'],
  ])('fails for %j', (props, message) => {
    expect(() => worker(props)).toThrow(message);
  });

  test('tokens pass', () => {
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    worker({
      cpu: number('Cpu'),
      memoryLimitMiB: 8192,
      desiredCount: number('Count'),
      concurrency: number('Concurrency'),
      stopTimeout: Duration.seconds(number('StopTimeout')),
      queues: [new CfnParameter(stack, 'Queue').valueAsString],
    });
    scheduler();
    const { containers } = new SynthesizedStack(stack);

    expect(containers.worker.environment.AIRFLOW__CELERY__WORKER_CONCURRENCY).toBe('${Concurrency}');
    expect(containers.worker.definition.StopTimeout).toEqual({ Ref: 'StopTimeout' });
    expect(containers.worker.definition.LinuxParameters.Tmpfs[0].Size).toBe(2048);
    expect(containers.scheduler.environment.AIRFLOW__CORE__PARALLELISM).toBe('32');
  });
});

test('a list of queues that is known at deployment only', () => {
  worker({ queues: new CfnParameter(stack, 'Queues', { type: 'CommaDelimitedList' }).valueAsList });

  expect(new SynthesizedStack(stack).containers.worker.definition.Command).toEqual(expect.arrayContaining([{ 'Fn::Join': [',', { Ref: 'Queues' }] }]));
});

describe('worker slots', () => {
  test.each([[256, 1024, 1], [512, 2048, 3], [1024, 4096, 7], [2048, 8192, 15], [2048, 16384, 31]])('%d CPU units and %d MiB: %d', (cpu, memoryLimitMiB, slots) => {
    worker({ cpu, memoryLimitMiB });

    expect(new SynthesizedStack(stack).containers.worker.environment.AIRFLOW__CELERY__WORKER_CONCURRENCY).toBe(String(slots));
  });

  test('as many as told, down to 256 MiB for each', () => {
    worker({ memoryLimitMiB: 4096, concurrency: 14 });

    expect(new SynthesizedStack(stack).containers.worker.environment.AIRFLOW__CELERY__WORKER_CONCURRENCY).toBe('14');
  });

  test.each([
    [{ concurrency: 15 }, 'property memoryLimitMiB must be 4352 or more with concurrency 15, got 4096: raise it, or lower concurrency'],
    [{ concurrency: 0 }, 'property concurrency must be a whole number from 1, got 0'],
    [{ concurrency: 2.5 }, 'property concurrency must be a whole number from 1, got 2.5'],
    [{ cpu: 256, memoryLimitMiB: 512 }, 'property memoryLimitMiB of a worker must be 1024 or more, got 512'],
  ])('fails for %j', (props, message) => {
    expect(() => worker(props)).toThrow(message);
  });

  test('parallelism is a quarter more than their sum over all workers, also of those that are added later', () => {
    scheduler();
    worker({ desiredCount: 4 });
    worker({ poolName: 'large', queues: ['large'], memoryLimitMiB: 8192, desiredCount: 2, concurrency: 10 }, 'Large');

    expect(new SynthesizedStack(stack).containers.scheduler.environment.AIRFLOW__CORE__PARALLELISM).toBe('60');
  });

  test('parallelism follows the greatest number of workers that scaling lets there be', () => {
    scheduler();
    worker({ desiredCount: 1 }).service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 20 });
    const { environment } = new SynthesizedStack(stack).containers.scheduler;

    expect(environment.AIRFLOW__CORE__PARALLELISM).toBe('175');
  });

  test('parallelism is that of each scheduler', () => {
    scheduler({ desiredCount: 2 });
    worker({ desiredCount: 20 });

    expect(new SynthesizedStack(stack).containers.scheduler.environment.AIRFLOW__CORE__PARALLELISM).toBe('88');
  });

  test('parallelism counts on the least number of schedulers', () => {
    scheduler({ desiredCount: 4 }).service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 4 });
    worker({ desiredCount: 20 });

    expect(new SynthesizedStack(stack).containers.scheduler.environment.AIRFLOW__CORE__PARALLELISM).toBe('175');
  });

  test('parallelism can be set', () => {
    scheduler({ environment: { AIRFLOW__CORE__PARALLELISM: '500' } });

    expect(new SynthesizedStack(stack).containers.scheduler.environment.AIRFLOW__CORE__PARALLELISM).toBe('500');
  });

  test('parallelism is not below the default of Airflow', () => {
    scheduler();
    worker();

    expect(new SynthesizedStack(stack).containers.scheduler.environment.AIRFLOW__CORE__PARALLELISM).toBe('32');
  });
});

describe('additional variables', () => {
  test('win over defaults', () => {
    worker({ environment: { AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS: '5', MY_VARIABLE: 'x' } });

    expect(new SynthesizedStack(stack).containers.worker.environment)
      .toMatchObject({ AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS: '5', MY_VARIABLE: 'x', AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor' });
  });

  test('can be secret, in place of a plain default', () => {
    const secret = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret'));
    worker({ secretEnvironment: { AIRFLOW_CONN_WAREHOUSE: secret, AIRFLOW__CORE__DEFAULT_TASK_RETRIES: secret } });
    const { environment, secrets } = new SynthesizedStack(stack).containers.worker;

    expect(secrets).toMatchObject({ AIRFLOW_CONN_WAREHOUSE: '${SecretA720EF05}', AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '${SecretA720EF05}' });
    expect(environment.AIRFLOW__CORE__DEFAULT_TASK_RETRIES).toBeUndefined();
  });

  test('fails for one that is both', () => {
    const secret = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret'));
    expect(() => worker({ environment: { TOKEN: 'x' }, secretEnvironment: { TOKEN: secret } }))
      .toThrow('property environment and property secretEnvironment must not both contain TOKEN: a variable is either plain or secret');
  });

  test.each([
    ['DB_HOST', 'it is a variable of the image\'s entry point'],
    ['DB_PORT', 'it is a variable of the image\'s entry point'],
    ['BACKEND', 'it is a variable of the image\'s entry point'],
    ['CONNECTION_CHECK_MAX_COUNT', 'it is a variable of the image\'s entry point'],
    ['AIRFLOW__CORE__EXECUTOR', 'tasks run by the CeleryExecutor'],
    ['AIRFLOW__CORE__FERNET_KEY', 'use property fernetKey'],
    ['AIRFLOW__CORE__FERNET_KEY_CMD', 'use property fernetKey'],
    ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'use property database'],
    ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET', 'use property database'],
    ['AIRFLOW__CELERY__BROKER_URL', 'use property broker'],
    ['AIRFLOW__CELERY__RESULT_BACKEND', 'use property database'],
    ['AIRFLOW__CELERY__WORKER_CONCURRENCY', 'use property concurrency of the workers'],
    ['AIRFLOW__API_AUTH__JWT_SECRET', 'use property secrets'],
    ['AIRFLOW__API__SECRET_KEY', 'use property secrets'],
    ['AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST', 'use property dags'],
    ['AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER', 'use property taskLogs'],
    ['AIRFLOW_CONN_AWS_DEFAULT', 'DAG bundles and task logs use it with the task role; give your connection another id'],
    ['AIRFLOW_DB_PASSWORD', 'use property secrets'],
  ])('fails for %s', (name, instead) => {
    expect(() => worker({ environment: { [name]: 'x' } })).toThrow(`property environment must not contain ${name}: ${instead}`);
    const secret = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret'));
    expect(() => worker({ secretEnvironment: { [name]: secret } }, 'Other')).toThrow(`property secretEnvironment must not contain ${name}: ${instead}`);
  });
});
