import { CloudFormationClient, DescribeStacksCommand, StackStatus } from '@aws-sdk/client-cloudformation';
import { DescribeTasksCommand, ECS, ECSClient, RunTaskCommand, StopTaskCommand, Task } from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { MigrationTask } from '../../src/migration/migration-task';
import { handler } from '../../src/migration/migration.lambda';
import { CustomResourceServer } from '../custom-resource/custom-resource-server';

const CLUSTER_ARN = 'arn:aws:ecs:eu-west-1:111111111111:cluster/Airflow';
const TASK_ARN = 'arn:aws:ecs:eu-west-1:111111111111:task/Airflow/0123456789abcdef';
const PROPERTIES = {
  ClusterArn: CLUSTER_ARN,
  TaskDefinitionArn: 'arn:aws:ecs:eu-west-1:111111111111:task-definition/Migration:7',
  SubnetIds: ['subnet-1', 'subnet-2'],
  SecurityGroupId: 'sg-1',
  TimeoutSeconds: '840',
  LogGroup: 'airflow-logs',
  LogStreamPrefix: 'migration',
};
const LOGS = (container: string) => `log group airflow-logs, log stream migration/${container}/0123456789abcdef`;

const ecs = mockClient(ECSClient);
const stacks = mockClient(CloudFormationClient);
let cloudFormation: CustomResourceServer;

afterAll(() => {
  ecs.restore();
  stacks.restore();
});

beforeEach(async () => {
  cloudFormation = await CustomResourceServer.start();
  for (const method of ['log', 'error'] as const) {
    jest.spyOn(console, method).mockImplementation();
  }
  ecs.reset();
  stacks.reset();
  ecs.on(RunTaskCommand).resolves({ tasks: [{ taskArn: TASK_ARN, lastStatus: 'PROVISIONING' }] });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await cloudFormation.stop();
});

function ends(exitCodes: Record<string, number | undefined>, task: Partial<Task> = {}) {
  ecs.on(DescribeTasksCommand).resolves({
    tasks: [{
      taskArn: TASK_ARN,
      lastStatus: 'STOPPED',
      containers: Object.entries(exitCodes).map(([name, exitCode]) => ({ name, exitCode })),
      ...task,
    }],
  });
}

const SUCCESS = { databases: 0, migrate: 0, admin: 0 };

describe('Create', () => {
  test('runs the task in the private subnets and succeeds with it', async () => {
    ends(SUCCESS);

    await handler(cloudFormation.event(PROPERTIES));

    expect(ecs.commandCalls(RunTaskCommand).map(call => call.args[0].input)).toEqual([{
      cluster: CLUSTER_ARN,
      taskDefinition: PROPERTIES.TaskDefinitionArn,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' } },
      clientToken: '6b1f5d1e-0000-4000-8000-000000000001',
    }]);
    expect(ecs.commandCalls(DescribeTasksCommand).map(call => call.args[0].input)).toEqual([{ cluster: CLUSTER_ARN, tasks: [TASK_ARN] }]);
    expect(ecs.commandCalls(StopTaskCommand)).toEqual([]);
    expect(cloudFormation.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'airflow-migration', Data: {} })]);
  });

  test('is delivered twice: both runs have the same token, which ECS starts one task for', async () => {
    ends(SUCCESS);

    await handler(cloudFormation.event(PROPERTIES));
    await handler(cloudFormation.event(PROPERTIES));

    const tokens = ecs.commandCalls(RunTaskCommand).map(call => call.args[0].input.clientToken);
    expect(tokens).toEqual(['6b1f5d1e-0000-4000-8000-000000000001', '6b1f5d1e-0000-4000-8000-000000000001']);
  });
});

describe('Update', () => {
  test.each([
    ['another task definition', 'arn:aws:ecs:eu-west-1:111111111111:task-definition/Migration:8'],
    ['the same task definition', PROPERTIES.TaskDefinitionArn],
  ])('with %s runs it, under the same physical id', async (_description, taskDefinition) => {
    ends(SUCCESS);

    await handler(cloudFormation.event({ ...PROPERTIES, TaskDefinitionArn: taskDefinition }, {
      RequestType: 'Update', RequestId: 'update', PhysicalResourceId: 'airflow-migration',
    }));

    expect(ecs.commandCalls(RunTaskCommand)[0].args[0].input).toMatchObject({ taskDefinition, clientToken: 'update' });
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'airflow-migration' });
  });
});

test.each(['airflow-migration', 'Airflow-Migration-1A2B3C'])('Delete of %s does nothing', async physicalId => {
  await handler(cloudFormation.event(PROPERTIES, { RequestType: 'Delete', PhysicalResourceId: physicalId }));

  expect(ecs.calls()).toHaveLength(0);
  expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
});

describe('roll-back', () => {
  const update = () => handler(cloudFormation.event(PROPERTIES, { RequestType: 'Update', RequestId: 'roll-back', PhysicalResourceId: 'airflow-migration' }));
  const inStack = (status: StackStatus) => stacks.on(DescribeStacksCommand).resolves({
    Stacks: [{ StackName: 'Airflow', CreationTime: new Date(), StackStatus: status }],
  });

  test('runs the old task, which makes the old passwords valid again', async () => {
    inStack('UPDATE_ROLLBACK_IN_PROGRESS');
    ends(SUCCESS);

    await update();

    expect(ecs.commandCalls(RunTaskCommand)).toHaveLength(1);
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS' });
  });

  test('succeeds if the old task fails, whose release can be too old for the tables; the log has the reason', async () => {
    inStack('UPDATE_ROLLBACK_IN_PROGRESS');
    ends({ databases: 0, migrate: 1, admin: undefined });

    await update();

    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'airflow-migration' });
    expect(stacks.commandCalls(DescribeStacksCommand).map(call => call.args[0].input)).toEqual([
      { StackName: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/Airflow/1' },
    ]);
    expect(console.error).toHaveBeenCalledWith(`ignored in the roll-back: container migrate exited with code 1; ${LOGS('migrate')}`);
  });

  test.each(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'] as const)('fails if the task fails while the stack is in %s', async status => {
    inStack(status);
    ends({ databases: 0, migrate: 1, admin: undefined });

    await update();

    expect(cloudFormation.last).toMatchObject({ Status: 'FAILED', Reason: `container migrate exited with code 1; ${LOGS('migrate')}` });
  });

  test('fails with the reason of the task if the status cannot be read', async () => {
    stacks.on(DescribeStacksCommand).rejects(Object.assign(new Error('Rate exceeded'), { name: 'Throttling' }));
    ends({ databases: 0, migrate: 1, admin: undefined });

    await update();

    expect(cloudFormation.last).toMatchObject({ Status: 'FAILED', Reason: `container migrate exited with code 1; ${LOGS('migrate')}` });
    expect(console.error).toHaveBeenCalledWith('cloudformation:DescribeStacks failed: Throttling: Rate exceeded');
  });

  test('is not asked for at a Create', async () => {
    inStack('UPDATE_ROLLBACK_IN_PROGRESS');
    ends({ databases: 1 });

    await handler(cloudFormation.event(PROPERTIES));

    expect(stacks.calls()).toHaveLength(0);
    expect(cloudFormation.last).toMatchObject({ Status: 'FAILED' });
  });
});

describe('failure', () => {
  async function reason(): Promise<string | undefined> {
    await handler(cloudFormation.event(PROPERTIES));

    expect(cloudFormation.last).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'airflow-migration' });
    return cloudFormation.last.Reason;
  }

  test('fails with container, exit code, reasons and log stream', async () => {
    ends({}, {
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'databases', exitCode: 0 }, { name: 'migrate', exitCode: 3, reason: 'killed' }, { name: 'admin' }],
    });

    expect(await reason()).toBe(`container migrate exited with code 3 (killed); task stopped: Essential container in task exited; ${LOGS('migrate')}`);
  });

  test('fails with the container that failed, not with those that waited for it', async () => {
    ends({ admin: undefined, migrate: undefined, databases: 1 });

    expect(await reason()).toBe(`container databases exited with code 1; ${LOGS('databases')}`);
  });

  test('fails if no container ran', async () => {
    ends({ databases: undefined, migrate: undefined, admin: undefined }, { stoppedReason: 'CannotPullContainerError: pull rate limit' });

    expect(await reason()).toBe(`container databases did not run; task stopped: CannotPullContainerError: pull rate limit; ${LOGS('databases')}`);
  });

  test('fails if ECS starts no task', async () => {
    ecs.on(RunTaskCommand).resolves({ tasks: [], failures: [{ reason: 'RESOURCE:FARGATE', detail: 'no capacity in eu-west-1a' }] });

    expect(await reason()).toBe('the migration task could not be started: RESOURCE:FARGATE: no capacity in eu-west-1a');
  });

  test('fails if the role may not start the task', async () => {
    ecs.on(RunTaskCommand).rejects(Object.assign(new Error('not authorized to perform: iam:PassRole'), { name: 'AccessDeniedException' }));

    expect(await reason()).toBe('ecs:RunTask failed: AccessDeniedException: not authorized to perform: iam:PassRole');
  });

  test('fails with a reason that CloudFormation still takes', async () => {
    ends({ databases: 1 }, { stoppedReason: 'x'.repeat(10_000) });

    expect((await reason())!.length).toBe(2000);
  });
});

describe('time', () => {
  /** A clock on which a pause costs nothing. */
  class TestClock {
    public pauses = 0;
    private time = 0;

    public now(): number {
      return this.time;
    }

    public async sleep(milliseconds: number): Promise<void> {
      this.pauses += 1;
      this.time += milliseconds;
    }
  }

  test('waits while ECS does not know the task yet, starts it and runs it', async () => {
    const clock = new TestClock();
    ecs.on(DescribeTasksCommand)
      .resolvesOnce({ tasks: [], failures: [{ arn: TASK_ARN, reason: 'MISSING' }] })
      .resolvesOnce({ tasks: [{ taskArn: TASK_ARN, lastStatus: 'PENDING' }] })
      .resolvesOnce({ tasks: [{ taskArn: TASK_ARN, lastStatus: 'RUNNING' }] })
      .resolves({ tasks: [{ taskArn: TASK_ARN, lastStatus: 'STOPPED', containers: [{ name: 'databases', exitCode: 0 }] }] });

    await new MigrationTask(new ECS({}), PROPERTIES, clock).run('token');

    expect(clock.pauses).toBe(3);
  });

  test('fails a task that never ends in time, and stops it', async () => {
    const clock = new TestClock();
    ecs.on(DescribeTasksCommand).resolves({
      tasks: [{ taskArn: TASK_ARN, lastStatus: 'RUNNING', containers: [{ name: 'databases', lastStatus: 'RUNNING' }] }],
    });
    ecs.on(StopTaskCommand).resolves({});

    await expect(new MigrationTask(new ECS({}), PROPERTIES, clock).run('token'))
      .rejects.toThrow(`the migration did not end within 840 seconds and was stopped; ${LOGS('databases')}`);

    expect(clock.now()).toBe(840_000);
    expect(ecs.commandCalls(StopTaskCommand).map(call => call.args[0].input)).toEqual([
      { cluster: CLUSTER_ARN, task: TASK_ARN, reason: 'migration did not end within 840 seconds' },
    ]);
  });
});
