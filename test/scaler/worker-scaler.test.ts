import { Duration, Lazy } from 'aws-cdk-lib';
import { AirflowWorkerPool, AirflowWorkerPoolOptions, ServerlessAirflow, ServerlessAirflowProps, TaskLogs, WorkerCapacity, WorkerScaling } from '../../src';
import { SCALER } from '../../src/scaler/scaler-program';
import { newStack } from '../private/stack';
import { SynthesizedStack } from '../private/template';

const onQueue = WorkerScaling.onQueue({ minWorkers: 0, maxWorkers: 10 });

function define(options: AirflowWorkerPoolOptions = {}, props: ServerlessAirflowProps = {}) {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow', props);
  const pool = airflow.addWorkerPool('Etl', { queues: ['etl', 'etl-big'], scaling: onQueue, ...options });
  return { stack, airflow, pool };
}

const plain = (() => {
  const stack = newStack();
  new ServerlessAirflow(stack, 'Airflow').addWorkerPool('Etl', { queues: ['etl', 'etl-big'], desiredCount: 10 });
  return new SynthesizedStack(stack);
})();

describe('a pool that follows its queues', () => {
  const synthesized = new SynthesizedStack(define().stack);
  const { scaler, scheduler } = synthesized.containers;
  const configuration = JSON.parse(scaler.environment.SCALER);

  test('changes the scheduler and its policy, and that the service says how many tasks it has', () => {
    const text = (resources: object, id: string) => JSON.stringify((resources as Record<string, object>)[id]);
    const different = Object.keys(synthesized.resources).filter(id => text(synthesized.resources, id) !== text(plain.resources, id));

    expect(Object.keys(plain.resources).filter(id => !(id in synthesized.resources))).toEqual([]);
    expect(different.sort()).toEqual([
      'AirflowEtlServiceBDF34AD1', 'AirflowSchedulerService730CDC38', 'AirflowSchedulerTaskDefinitionDDE19B7B', 'AirflowSchedulerTaskRoleDefaultPolicy2B0AFBA6',
    ]);
  });

  test('deployments leave the number of workers alone, and ECS never moves one', () => {
    const { DesiredCount, AvailabilityZoneRebalancing, DeploymentConfiguration } = synthesized.service('worker-etl').Properties;

    expect({ DesiredCount, AvailabilityZoneRebalancing }).toEqual({ AvailabilityZoneRebalancing: 'DISABLED' });
    expect(DeploymentConfiguration).toMatchObject({ MinimumHealthyPercent: 100, MaximumPercent: 200 });
    const { environment, definition } = synthesized.containers['worker-etl'];
    expect([definition.StopTimeout, environment.DUMB_INIT_SETSID, environment.AIRFLOW__CORE__DEFAULT_TASK_RETRIES]).toEqual([120, '0', '1']);
  });

  test('the scaler stands beside the scheduler, which goes on without it', () => {
    const { Name, Environment, Secrets, LogConfiguration, ...definition } = scaler.definition;

    expect(scaler.taskDefinition).toBe(scheduler.taskDefinition);
    expect(Name).toBe('scaler');
    expect(LogConfiguration.Options['awslogs-stream-prefix']).toBe('scaler');
    expect([Environment.length, Secrets.length]).toEqual([8, 2]);
    expect(definition).toEqual({
      Command: ['python', '-c', SCALER],
      Essential: false,
      Image: 'apache/airflow:3.3.2',
      User: '50000:0',
      RestartPolicy: { Enabled: true, RestartAttemptPeriod: 60 },
      MemoryReservation: 96,
      StopTimeout: 30,
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
    });
  });

  test('it has these secrets and variables', () => {
    const { SCALER: _, ...environment } = scaler.environment;

    expect(scaler.secrets).toEqual({ PGPASSWORD: '${AirflowSecretsDatabase01DA7674}', AIRFLOW_REDIS_PASSWORD: '${AirflowSecretsBroker69D4D01F}' });
    expect(environment).toEqual({
      AIRFLOW__CELERY__BROKER_URL: 'redis://:$AIRFLOW_REDIS_PASSWORD@redis.airflow:6379/0',
      CONNECTION_CHECK_MAX_COUNT: '0',
      PGDATABASE: 'airflow',
      PGHOST: '${AirflowDatabaseCluster390DDA42.Endpoint.Address}',
      PGPORT: '5432',
      PGSSLMODE: 'require',
      PGUSER: 'airflow',
    });
  });

  test('it is told this', () => {
    expect(configuration).toEqual({
      cluster: '${AirflowCluster1E2C574F}',
      environment: 'StackAirflowClusterEA4B7A5F',
      parallelism: '97',
      schedulers: 1,
      drain: 1800,
      triggerers: [],
      served: ['default', 'etl', 'etl-big'],
      pools: [{
        name: 'worker-etl',
        service: '${AirflowEtlServiceBDF34AD1.Name}',
        queues: ['etl', 'etl-big'],
        slots: 7,
        min: 0,
        max: 10,
        hold: 120,
        prewarm: 1,
        drained_within: 7200,
        age: 86400,
      }],
    });
  });

  test('the scheduler may do this, and workers no more than before', () => {
    const service = 'on ${AirflowEtlServiceBDF34AD1}';
    const cluster = '"ArnEquals":{"ecs:cluster":"${AirflowCluster1E2C574F.Arn}"}';

    expect(synthesized.permissions('scheduler', 'TaskRoleArn')).toEqual([
      'Allow ecs:DescribeServices on arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/${AirflowCluster1E2C574F}/* '
      + `if {${cluster}}`,
      'Allow ecs:DescribeTasks ecs:GetTaskProtection ecs:UpdateTaskProtection on arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${AirflowCluster1E2C574F}/* '
      + `if {${cluster}}`,
      `Allow ecs:ListTasks on * if {${cluster}}`,
      `Allow ecs:UpdateService ${service} if {${cluster},"Null":{"ecs:task-definition":"true"},"BoolIfExists":{"ecs:enable-execute-command":"false"}}`,
    ]);
    expect(synthesized.permissions('worker-etl', 'TaskRoleArn')).toEqual(plain.permissions('worker-etl', 'TaskRoleArn'));
  });
});

test('two pools share one scaler', () => {
  const stack = newStack();
  const airflow = new ServerlessAirflow(stack, 'Airflow', { worker: { scaling: onQueue } });
  airflow.addWorkerPool('Etl', {
    queues: ['etl'],
    concurrency: 2,
    scaling: WorkerScaling.onQueue({ maxWorkers: 40, scaleInAfter: Duration.minutes(10), prewarmWorkers: 3 }),
    maxDrain: Duration.hours(1),
    maxAge: Duration.hours(6),
  });
  const synthesized = new SynthesizedStack(stack);
  const { pools } = JSON.parse(synthesized.containers.scaler.environment.SCALER);

  const { service: _service, queues: _queues, ...names } = pools[0];
  expect(Object.keys(names)).toEqual(['name', 'slots', 'min', 'max', 'hold', 'prewarm', 'drained_within', 'age']);
  expect(pools.map((pool: any) => Object.keys(names).map(name => pool[name]))).toEqual([
    ['worker', 7, 0, 10, 120, 1, 7200, 86400], ['worker-etl', 2, 1, 40, 600, 3, 3600, 21600],
  ]);
  expect(synthesized.permissions('scheduler', 'TaskRoleArn').filter(text => text.includes('UpdateService')).join()).toContain('on ${AirflowEtlServiceBDF34AD1} ${AirflowWorkerService83A6378E}');
});

describe('a large fleet', () => {
  const name = 'AIRFLOW__SCHEDULER__MAX_TIS_PER_QUERY';
  const maxTis = (options: AirflowWorkerPoolOptions, props?: ServerlessAirflowProps) => {
    const { environment } = define(options, props).airflow.scheduler.container.renderContainerDefinition();
    return (environment as { name: string; value: string }[]).find(variable => variable.name === name)?.value;
  };

  test('the scheduler queues more tasks at once', () => {
    expect(maxTis({ scaling: WorkerScaling.onQueue({ maxWorkers: 13 }) })).toBeUndefined(); // 91 slots, and 7 of the first pool
    expect(maxTis({ scaling: WorkerScaling.onQueue({ maxWorkers: 14 }) })).toBe('64');
    expect(maxTis({ scaling: WorkerScaling.onQueue({ maxWorkers: 14 }) }, { scheduler: { environment: { [name]: '32' } } })).toBe('32');
  });
});

describe('fails for', () => {
  test('less parallelism than slots', () => {
    const errors = (value: string, scaling = onQueue) => new ServerlessAirflow(newStack(), 'Airflow', {
      environment: { AIRFLOW__CORE__PARALLELISM: value }, scheduler: { desiredCount: 2 }, worker: { scaling },
    }).scheduler.node.validate();

    expect(errors('34')).toEqual(['property environment must have 35 or more in AIRFLOW__CORE__PARALLELISM, the slots of all workers for each scheduler, got "34": '
      + 'leave it out, or lower maxWorkers']);
    expect([errors('35'), errors('34', WorkerScaling.fixed(10)), errors(Lazy.string({ produce: () => '1' }))]).toEqual([[], [], []]);
  });

  test('two controllers', () => {
    const { pool } = define();
    const before = pool.node.validate();
    pool.service.autoScaleTaskCount({ maxCapacity: 3 });

    expect([before, pool.node.validate()])
      .toEqual([[], ['property scaling must not be WorkerScaling.onQueue where service.autoScaleTaskCount is called: each would undo what the other has set']]);
  });

  test('a pool in another stack', () => {
    const stack = newStack();
    const { cluster, secrets, database, fernetKey, broker } = new ServerlessAirflow(stack, 'Airflow');
    const other = newStack('Other');

    expect(() => new AirflowWorkerPool(other, 'Pool', {
      cluster, secrets, database, fernetKey, broker, taskLogs: TaskLogs.s3(), poolName: 'other', queues: ['other'], scaling: onQueue,
    })).toThrow(/^property scaling must be WorkerScaling.fixed in another stack than that of the scheduler, got onQueue of Other\/Pool/);
  });

  test.each([
    [{ maxDrain: Duration.hours(3) }, 'property maxDrain must be 1 second or more and less than 3 hours, which CloudFormation waits for, got 10800 seconds'],
    [{ maxDrain: Duration.millis(1500) }, 'property maxDrain must be whole seconds, got 1.5 seconds'],
    [{ maxAge: Duration.minutes(59) }, 'property maxAge must be 1 hour or more, got 3540 seconds'],
    [{ scaling: WorkerScaling.fixed(1), maxAge: Duration.hours(2) }, 'property maxAge must be left out without WorkerScaling.onQueue in property scaling, got an object of Duration'],
    [{ scaling: undefined, maxDrain: Duration.hours(2) }, 'property maxDrain must be left out without WorkerScaling.onQueue in property scaling, got an object of Duration'],
    [{ capacity: WorkerCapacity.spot({ onDemandBase: 11 }) }, 'property capacity must have an onDemandBase of 10 or less, as many as there are workers, got 11'],
    [{ desiredCount: 2 }, 'property desiredCount must be left out when property scaling is given, got 2'],
  ])('%#', (options, message) => {
    expect(() => define(options)).toThrow(message);
  });
});

test('tokens pass', () => {
  const number = Lazy.number({ produce: () => 3 });
  const { stack } = define({
    queues: [Lazy.string({ produce: () => 'later' })],
    scaling: WorkerScaling.onQueue({ minWorkers: number, maxWorkers: number, prewarmWorkers: number, scaleInAfter: Duration.seconds(number) }),
    maxAge: Duration.seconds(number),
    maxDrain: Duration.seconds(number),
  });

  expect(JSON.parse(new SynthesizedStack(stack).containers.scaler.environment.SCALER).pools[0]).toMatchObject({ queues: ['later'], min: 3, max: 3, prewarm: 3, hold: 3, age: 3, drained_within: 3 });
});

test('metrics', () => {
  const { stack, airflow, pool } = define();
  const described = (metric: ReturnType<typeof pool.metricWorkersDesired>) => [
    metric.namespace, metric.metricName, stack.resolve(metric.dimensions), metric.statistic, metric.period.toSeconds(),
  ];
  const Environment = 'StackAirflowClusterEA4B7A5F';
  const ofPool = [pool.metricWorkersDesired(), pool.metricWorkersRunning(), pool.metricQueuedTasks(), pool.metricRunningTasks(), pool.metricOldestQueuedAge({ statistic: 'avg' })];

  expect(ofPool.map(described)).toEqual([['WorkersDesired', 'Maximum'], ['WorkersRunning', 'Maximum'], ['TasksQueued', 'Maximum'], ['TasksRunning', 'Maximum'], ['OldestQueuedSeconds', 'Average']]
    .map(([name, statistic]) => ['ServerlessAirflow', name, { Environment, Pool: 'worker-etl' }, statistic, 60]));
  expect([airflow.metricOpenSlots(), airflow.metricScheduledTasks(), airflow.metricUnservedTasks()].map(described))
    .toEqual(['OpenSlots', 'TasksScheduled', 'UnservedTasks'].map(name => ['ServerlessAirflow', name, { Environment }, 'Maximum', 60]));
  expect(() => airflow.worker.metricQueuedTasks()).toThrow('property scaling must be WorkerScaling.onQueue for metrics of queues, got a fixed number of workers in Stack/Airflow/Worker');
});
