import { spawnSync } from 'node:child_process';
import { DagSource, ServerlessAirflow } from '../src';
import { newStack } from './private/stack';
import { SynthesizedStack } from './private/template';

const stack = newStack();
new ServerlessAirflow(stack, 'Airflow', { dags: [DagSource.directory(`${__dirname}/../examples/typescript/getting-started/dags`)] });
const synthesized = new SynthesizedStack(stack);
const { containers } = synthesized;

const COMPONENTS = ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower'];

describe('environment', () => {
  const shared = [
    'AIRFLOW_CONN_AWS_DEFAULT',
    'AIRFLOW__API_AUTH__JWT_ISSUER',
    'AIRFLOW__CORE__AUTH_MANAGER',
    'AIRFLOW__CORE__DEFAULT_TASK_RETRIES',
    'AIRFLOW__CORE__EXECUTION_API_SERVER_URL',
    'AIRFLOW__CORE__EXECUTOR',
    'AIRFLOW__CORE__HOSTNAME_CALLABLE',
    'AIRFLOW__CORE__LOAD_EXAMPLES',
    'AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST',
    'AIRFLOW__LOGGING__COLORED_CONSOLE_LOG',
    'AIRFLOW__USAGE_DATA_COLLECTION__ENABLED',
  ];
  const metadata = ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC'];
  const taskLogs = [
    'AIRFLOW__LOGGING__DELETE_LOCAL_LOGS',
    'AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER',
    'AIRFLOW__LOGGING__REMOTE_LOGGING',
    'AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID',
  ];
  const celery = [
    'AIRFLOW__CELERY__BROKER_URL',
    'AIRFLOW__CELERY__RESULT_BACKEND',
    'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__HEALTH_CHECK_INTERVAL',
    'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT',
    'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_KEEPALIVE',
    'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT',
    'AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT',
  ];

  test.each([
    ['web-server', [...shared, ...metadata, ...taskLogs, 'AIRFLOW__API__EXPOSE_CONFIG', 'AIRFLOW__FAB__ENABLE_PROXY_FIX', 'FORWARDED_ALLOW_IPS']],
    ['scheduler', [
      ...shared, ...metadata, ...celery,
      'AIRFLOW__CELERY__EXTRA_CELERY_CONFIG', 'AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES', 'AIRFLOW__CORE__PARALLELISM',
      'AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK', 'AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL',
    ]],
    ['dag-processor', [...shared, ...metadata, 'AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET']],
    ['triggerer', [...shared, ...metadata, ...taskLogs]],
    ['worker', [
      ...shared, ...celery, ...taskLogs,
      'AIRFLOW__CELERY__WORKER_CONCURRENCY', 'AIRFLOW__WORKERS__EXECUTION_API_RETRIES', 'AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX',
      'AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MIN', 'AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS', 'CONNECTION_CHECK_MAX_COUNT', 'DUMB_INIT_SETSID',
    ]],
    ['flower', [...shared, 'AIRFLOW__CELERY__BROKER_URL', 'AIRFLOW__CELERY__FLOWER_BASIC_AUTH', 'AIRFLOW_FLOWER_USERNAME', 'CONNECTION_CHECK_MAX_COUNT']],
    ['redis', []],
  ])('%s has exactly these variables', (container, names) => {
    expect(Object.keys(containers[container].environment).sort()).toEqual([...names].sort());
  });

  test('values of all components are the same', () => {
    for (const name of shared) {
      expect(new Set(COMPONENTS.map(component => containers[component].environment[name])).size).toBe(1);
    }
    expect(containers.worker.environment).toMatchObject({
      AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor',
      AIRFLOW__CORE__AUTH_MANAGER: 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager',
      AIRFLOW__CORE__EXECUTION_API_SERVER_URL: 'http://webserver.airflow:8080/execution/',
      AIRFLOW__CORE__HOSTNAME_CALLABLE: 'airflow.utils.net.get_host_ip_address',
      AIRFLOW__CORE__DEFAULT_TASK_RETRIES: '1',
      AIRFLOW_CONN_AWS_DEFAULT: 'aws://',
    });
  });

  test('metadata database', () => {
    const address = '${AirflowDatabaseCluster390DDA42.Endpoint.Address}:5432/airflow';
    const tcp = 'connect_timeout=10&keepalives_idle=20&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=30000';
    for (const component of ['web-server', 'scheduler', 'dag-processor', 'triggerer']) {
      expect(containers[component].environment).toMatchObject({
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `postgresql+psycopg2://airflow:$AIRFLOW_DB_PASSWORD@${address}?sslmode=require&${tcp}`,
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC: `postgresql+asyncpg://airflow:$AIRFLOW_DB_PASSWORD@${address}?ssl=require`,
      });
    }
  });

  test('scheduler and worker agree on broker and result backend to the letter', () => {
    const { AIRFLOW__CELERY__RESULT_BACKEND, AIRFLOW__CELERY__BROKER_URL } = containers.scheduler.environment;

    expect(AIRFLOW__CELERY__RESULT_BACKEND).toMatch(/^db\+postgresql\+psycopg2:\/\/airflow_results:\$AIRFLOW_RESULT_DB_PASSWORD@\S+\/airflow_results\?sslmode=require&connect_timeout=10&/);
    expect(AIRFLOW__CELERY__BROKER_URL).toBe('redis://:$AIRFLOW_REDIS_PASSWORD@redis.airflow:6379/0');
    expect(containers.worker.environment).toMatchObject({ AIRFLOW__CELERY__RESULT_BACKEND, AIRFLOW__CELERY__BROKER_URL });
  });

  test('values of single components', () => {
    expect(containers.worker.environment).toMatchObject({ CONNECTION_CHECK_MAX_COUNT: '0', DUMB_INIT_SETSID: '0', AIRFLOW__CELERY__WORKER_CONCURRENCY: '7' });
    expect(containers.scheduler.environment).toMatchObject({ AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK: 'True', AIRFLOW__CORE__PARALLELISM: '32' });
    expect(containers['dag-processor'].environment).toMatchObject({ AIRFLOW__LOGGING__DAG_PROCESSOR_LOG_TARGET: 'stdout' });
    expect(containers['web-server'].environment).toMatchObject({
      AIRFLOW__API__EXPOSE_CONFIG: 'False', AIRFLOW__FAB__ENABLE_PROXY_FIX: 'True', FORWARDED_ALLOW_IPS: '*',
    });
    expect(containers.flower.environment).toMatchObject({
      CONNECTION_CHECK_MAX_COUNT: '0',
      AIRFLOW_FLOWER_USERNAME: 'admin',
      AIRFLOW__CELERY__FLOWER_BASIC_AUTH: '$AIRFLOW_FLOWER_USERNAME:$AIRFLOW_FLOWER_PASSWORD',
    });
  });

  test('outages: values that were measured', () => {
    expect(containers.worker.environment).toMatchObject({
      AIRFLOW__WORKERS__EXECUTION_API_RETRIES: '11',
      AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MIN: '5',
      AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX: '10',
      AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS: '2',
      AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT: '15',
      AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT: '5',
      AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_KEEPALIVE: 'True',
      AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__HEALTH_CHECK_INTERVAL: '10',
    });
    expect(containers.scheduler.environment).toMatchObject({
      AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES: '100',
      AIRFLOW__CELERY__EXTRA_CELERY_CONFIG:
        '{"task_publish_retry_policy":{"max_retries":null,"interval_start":0.2,"interval_step":0.2,"interval_max":0.5}}',
      AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL: '60',
    });
  });
});

describe('secrets', () => {
  const database = { AIRFLOW_DB_PASSWORD: '${AirflowSecretsDatabase01DA7674}' };
  const resultDatabase = { AIRFLOW_RESULT_DB_PASSWORD: '${AirflowSecretsResultDatabase0DEF5253}' };
  const broker = { AIRFLOW_REDIS_PASSWORD: '${AirflowSecretsBroker69D4D01F}' };
  const fernetKey = { AIRFLOW__CORE__FERNET_KEY: '${AirflowFernetKeySecret45BDA978}' };
  const jwtSecret = { AIRFLOW__API_AUTH__JWT_SECRET: '${AirflowSecretsJwtSecret3AF0CFD5}' };
  const apiSecretKey = { AIRFLOW__API__SECRET_KEY: '${AirflowSecretsApiSecretKeyAC1F5C24}' };

  test.each([
    ['web-server', { ...database, ...fernetKey, ...jwtSecret, ...apiSecretKey }],
    ['scheduler', { ...database, ...resultDatabase, ...broker, ...fernetKey, ...jwtSecret }],
    ['dag-processor', { ...database, ...fernetKey }],
    ['triggerer', { ...database, ...fernetKey, ...apiSecretKey }],
    ['worker', { ...resultDatabase, ...broker, ...apiSecretKey }],
    ['flower', { ...broker, AIRFLOW_FLOWER_PASSWORD: '${AirflowSecretsFlower0583EF71}:password::' }],
    ['redis', { REDIS_PASSWORD: broker.AIRFLOW_REDIS_PASSWORD }],
  ])('%s has exactly these', (container, secrets) => {
    expect(containers[container].secrets).toEqual(secrets);
  });
});

describe('permissions', () => {
  const logs = '${AirflowTaskLogsBucket59D1D076.Arn}';
  const dags = '${AirflowDagsBucket329EF2C9.Arn}';
  const readDags = [`Allow s3:GetObject on ${dags}/dags/dags/*`, `Allow s3:ListBucket on ${dags}`];
  const writeLogs = [`Allow s3:GetObject s3:PutObject on ${logs}/logs/*`, `Allow s3:ListBucket on ${logs}`];

  test.each([
    ['web-server', [`Allow s3:GetObject on ${logs}/logs/*`, `Allow s3:ListBucket on ${logs}`]],
    ['scheduler', []],
    ['dag-processor', readDags],
    ['triggerer', writeLogs],
    ['worker', [...readDags, ...writeLogs]],
    ['flower', []],
    ['redis', []],
  ])('the task role of %s', (container, permissions) => {
    expect(synthesized.permissions(container, 'TaskRoleArn')).toEqual([...permissions].sort());
  });

  test.each([...COMPONENTS, 'redis'])('the execution role of %s reads its own secrets and writes its log', container => {
    const secrets = Object.values(containers[container].secrets)
      .map(valueFrom => `Allow secretsmanager:DescribeSecret secretsmanager:GetSecretValue on ${valueFrom.replace(/:.*/, '')}`);

    expect(synthesized.permissions(container, 'ExecutionRoleArn')).toEqual([
      'Allow logs:CreateLogStream logs:PutLogEvents on ${AirflowClusterLogGroupF9E86CE7.Arn}', ...secrets,
    ].sort());
  });

  test.each([...COMPONENTS, 'redis'])('%s has roles without managed policies; ECS assumes the task role in this account only', container => {
    const { TaskRoleArn, ExecutionRoleArn } = synthesized.resources[containers[container].taskDefinition].Properties;
    const [taskRole, executionRole] = [TaskRoleArn, ExecutionRoleArn].map(arn => synthesized.resources[arn['Fn::GetAtt'][0]].Properties);

    expect([taskRole.ManagedPolicyArns, executionRole.ManagedPolicyArns]).toEqual([undefined, undefined]);
    expect(taskRole.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
  });
});

test('security groups let in exactly this', () => {
  expect(synthesized.connections()).toEqual([
    'Airflow: dag-processor -> Airflow: database:5432',
    'Airflow: flower -> Airflow: Redis:6379',
    'Airflow: migration -> Airflow: database:5432',
    'Airflow: scheduler -> Airflow: Redis:6379',
    'Airflow: scheduler -> Airflow: database:5432',
    'Airflow: triggerer -> Airflow: database:5432',
    'Airflow: web-server -> Airflow: database:5432',
    'Airflow: web-server -> Airflow: triggerer:8794',
    'Airflow: web-server -> Airflow: worker:8793',
    'Airflow: worker -> Airflow: Redis:6379',
    'Airflow: worker -> Airflow: database:5432',
    'Airflow: worker -> Airflow: web-server:8080',
  ]);
  for (const [, group] of synthesized.ofType('AWS::EC2::SecurityGroup')) {
    expect(group.Properties.SecurityGroupIngress).toBeUndefined();
  }
});

describe('container', () => {
  test.each([
    ['web-server', { Command: ['api-server', '--proxy-headers'], StopTimeout: 60, PortMappings: [{ ContainerPort: 8080, Protocol: 'tcp', Name: 'http', AppProtocol: 'http' }] }],
    ['scheduler', { Command: ['scheduler'], StopTimeout: 60 }],
    ['dag-processor', { Command: ['dag-processor'], StopTimeout: 60 }],
    ['triggerer', { Command: ['triggerer'], StopTimeout: 60, PortMappings: [{ ContainerPort: 8794, Protocol: 'tcp' }] }],
    ['worker', { Command: ['celery', 'worker'], StopTimeout: 120, PortMappings: [{ ContainerPort: 8793, Protocol: 'tcp' }] }],
    ['flower', { Command: ['celery', 'flower'], StopTimeout: 30, PortMappings: [{ ContainerPort: 5555, Protocol: 'tcp', Name: 'http', AppProtocol: 'http' }] }],
  ])('%s', (container, expected) => {
    const { Command, StopTimeout, PortMappings, User, Image, EntryPoint, LinuxParameters } = containers[container].definition;

    expect({ Command, StopTimeout, PortMappings }).toEqual({ PortMappings: undefined, ...expected });
    expect({ User, Image, EntryPoint }).toEqual({ User: '50000:0', Image: 'apache/airflow:3.3.2', EntryPoint: undefined });
    expect(LinuxParameters.InitProcessEnabled).toBe(true);
  });

  test.each([
    ['web-server', '512', '1024'],
    ['scheduler', '512', '1024'],
    ['dag-processor', '512', '1024'],
    ['triggerer', '256', '1024'],
    ['worker', '1024', '4096'],
    ['flower', '256', '512'],
  ])('the task of %s has %s CPU units and %s MiB', (container, cpu, memory) => {
    expect(synthesized.resources[containers[container].taskDefinition].Properties).toMatchObject({
      Cpu: cpu,
      Memory: memory,
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
    });
  });
});

describe('service', () => {
  test.each([
    ['web-server', 100, 200, 'ENABLED'],
    ['scheduler', 100, 200, 'ENABLED'],
    ['dag-processor', 100, 200, 'ENABLED'],
    ['triggerer', 100, 200, 'ENABLED'],
    ['worker', 100, 200, 'DISABLED'],
    ['flower', 0, 100, 'DISABLED'],
    ['redis', 0, 100, 'DISABLED'],
  ])('%s is deployed with %d to %d %%, rebalancing is %s', (container, least, most, rebalancing) => {
    const { Properties } = synthesized.service(container);

    expect(Properties.DeploymentConfiguration).toMatchObject({
      MinimumHealthyPercent: least,
      MaximumPercent: most,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
    expect(Properties.AvailabilityZoneRebalancing).toBe(rebalancing);
    expect(Properties.DesiredCount).toBe(1);
    expect(Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
    expect(Properties.ServiceName).toBeUndefined();
  });

  test('web server, Flower and Redis have private names that clients look up again after ten seconds', () => {
    const services = synthesized.ofType('AWS::ServiceDiscovery::Service').map(([, { Properties }]) => Properties);

    expect(services.map(({ Name }) => Name).sort()).toEqual(['flower', 'redis', 'webserver']);
    for (const { DnsConfig } of services) {
      expect(DnsConfig.DnsRecords).toEqual([{ TTL: 10, Type: 'A' }]);
      expect(DnsConfig.RoutingPolicy).toBe('MULTIVALUE');
    }
  });

  test.each([
    ['web-server', ['AirflowMigration2CF89059', 'AirflowFernetKey9569A78C', 'AirflowDatabaseClusterWriterADA354BC']],
    ['scheduler', ['AirflowMigration2CF89059', 'AirflowFernetKey9569A78C', 'AirflowDatabaseClusterWriterADA354BC', 'AirflowRedisService4FFBAA81']],
    ['dag-processor', ['AirflowMigration2CF89059', 'AirflowFernetKey9569A78C', 'AirflowDatabaseClusterWriterADA354BC', 'AirflowDagsdagsDeploymentCustomResource512MiB1F956B5B']],
    ['triggerer', ['AirflowMigration2CF89059', 'AirflowFernetKey9569A78C', 'AirflowDatabaseClusterWriterADA354BC']],
    ['worker', ['AirflowMigration2CF89059', 'AirflowDatabaseClusterWriterADA354BC', 'AirflowRedisService4FFBAA81', 'AirflowDagsdagsDeploymentCustomResource512MiB1F956B5B']],
    ['flower', ['AirflowMigration2CF89059', 'AirflowRedisService4FFBAA81']],
    ['redis', []],
  ])('%s waits for what its tasks need', (container, resources) => {
    const { DependsOn } = synthesized.service(container);
    const executionRole = synthesized.resources[containers[container].taskDefinition].Properties.ExecutionRoleArn['Fn::GetAtt'][0];
    const [policy] = synthesized.ofType('AWS::IAM::Policy').find(([, { Properties }]) => Properties.Roles[0].Ref === executionRole)!;

    expect(DependsOn).toEqual(expect.arrayContaining([
      ...resources, policy, 'AirflowClusterCapacityProvidersB58F9BE7', 'AirflowClusterVpcPrivateSubnet1DefaultRouteEEB46C69',
    ]));
  });
});

describe('health check', () => {
  test.each([
    ['web-server', 30, 10, 10, 120],
    ['scheduler', 30, 10, 5, 120],
    ['dag-processor', 30, 15, 6, 120],
    ['triggerer', 30, 15, 6, 120],
    ['worker', 60, 20, 5, 120],
    ['flower', 30, 5, 5, 60],
    ['redis', 10, 5, 5, 30],
  ])('%s: every %d s, %d s each, red after %d, not in the first %d s', (container, interval, timeout, retries, startPeriod) => {
    expect(containers[container].definition.HealthCheck).toMatchObject({
      Interval: interval, Timeout: timeout, Retries: retries, StartPeriod: startPeriod,
    });
  });

  test('asks ports of the container itself', () => {
    expect(containers['web-server'].healthCheck).toBe('curl -fsS -m 5 http://localhost:8080/execution/health');
    expect(containers.scheduler.healthCheck).toBe('curl -fsS -m 5 http://localhost:8974/health');
    expect(containers.flower.healthCheck).toBe('curl -fsS -m 5 http://localhost:5555/healthcheck');
  });

  test.each([...COMPONENTS, 'redis'])('the shell understands the one of %s', container => {
    expect(spawnSync('sh', ['-n', '-c', containers[container].healthCheck!])).toMatchObject({ status: 0 });
  });

  test.each([
    ['dag-processor', 'DagProcessorJob'],
    ['triggerer', 'TriggererJob'],
    ['worker', 'active_queues'],
  ])('the code of %s is Python as the shell passes it on', (container, part) => {
    // a function instead of the interpreter, which compiles the code instead of running it
    const compile = 'python() { python3 -c "import ast,sys; ast.parse(sys.argv[1]); print(sys.argv[1])" "$2"; }; ';
    const check = containers[container].healthCheck!.replace(/\$\{[^}]*\}/g, 'database.example');
    const { status, stdout } = spawnSync('sh', ['-c', compile + check], { encoding: 'utf-8' });

    expect(status).toBe(0);
    expect(stdout).toContain(part);
  });
});
