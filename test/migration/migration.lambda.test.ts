import { CloudFormationClient, DescribeStacksCommand, StackStatus } from '@aws-sdk/client-cloudformation';
import { DescribeTasksCommand, ECSClient, ListTasksCommand, RunTaskCommand, StopTaskCommand, Task } from '@aws-sdk/client-ecs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler, MigrationEvent } from '../../src/migration/migration.lambda';
import { CustomResourceServer } from '../custom-resource/custom-resource-server';

const CLUSTER_ARN = 'arn:aws:ecs:eu-west-1:111111111111:cluster/Airflow';
const TASK_ARN = 'arn:aws:ecs:eu-west-1:111111111111:task/Airflow/0123456789abcdef';
const PROPERTIES = {
  ClusterArn: CLUSTER_ARN,
  TaskDefinitionArn: 'arn:aws:ecs:eu-west-1:111111111111:task-definition/Migration:7',
  SubnetIds: ['subnet-1', 'subnet-2'],
  SecurityGroupId: 'sg-1',
  TimeoutSeconds: '3480',
  LogGroup: 'airflow-logs',
  LogStreamPrefix: 'migration',
};
const LOGS = (container: string) => `log group airflow-logs, log stream migration/${container}/0123456789abcdef`;

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:111111111111:function:Migration';
/** Of stack and logical id of the events. */
const STARTED_BY = 'airflow-fefc0c3110cae67ba5c6681be0b6';

const ecs = mockClient(ECSClient);
const functions = mockClient(LambdaClient);
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
  functions.reset();
  ecs.on(ListTasksCommand).resolves({ taskArns: [] });
  ecs.on(RunTaskCommand).resolves({ tasks: [{ taskArn: TASK_ARN, lastStatus: 'PROVISIONING' }] });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await cloudFormation.stop();
});

/** An invocation with this much time left. */
async function invoke(event: MigrationEvent, milliseconds = 900_000): Promise<void> {
  await handler(event, { invokedFunctionArn: FUNCTION_ARN, getRemainingTimeInMillis: () => milliseconds });
}

function ends(exitCodes: Record<string, number | undefined>, task: Partial<Task> = {}) {
  ecs.on(DescribeTasksCommand).resolves({
    tasks: [{
      taskArn: TASK_ARN,
      lastStatus: 'STOPPED',
      containers: containers(exitCodes),
      ...task,
    }],
  });
}

function containers(exitCodes: Record<string, number | undefined>) {
  return Object.entries(exitCodes).map(([name, exitCode]) => ({ name, exitCode }));
}

/** Ours is running, and ends before it is asked about for the n-th time. */
function runs(asked: number, end: Partial<Task> = { lastStatus: 'STOPPED' }, task: Partial<Task> = {}) {
  let count = 0;
  ecs.on(ListTasksCommand).resolves({ taskArns: [TASK_ARN] });
  ecs.on(StopTaskCommand).resolves({});
  ecs.on(DescribeTasksCommand).callsFake(() => {
    count += 1;
    return { tasks: [{ taskArn: TASK_ARN, lastStatus: 'RUNNING', containers: [{ name: 'migrate', lastStatus: 'RUNNING' }], ...task, ...count < asked ? {} : end }] };
  });
}

const SUCCESS = { databases: 0, migrate: 0, admin: 0 };

describe('Create', () => {
  test('runs the task in the private subnets and succeeds with it', async () => {
    ends(SUCCESS);

    await invoke(cloudFormation.event(PROPERTIES));

    expect(ecs.commandCalls(RunTaskCommand).map(call => call.args[0].input)).toEqual([{
      cluster: CLUSTER_ARN,
      taskDefinition: PROPERTIES.TaskDefinitionArn,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' } },
      startedBy: STARTED_BY,
      clientToken: '6b1f5d1e-0000-4000-8000-000000000001-1',
    }]);
    expect(ecs.commandCalls(ListTasksCommand).map(call => call.args[0].input)).toEqual([{ cluster: CLUSTER_ARN, startedBy: STARTED_BY }]);
    expect(ecs.commandCalls(DescribeTasksCommand).map(call => call.args[0].input)).toEqual([{ cluster: CLUSTER_ARN, tasks: [TASK_ARN] }]);
    expect(ecs.commandCalls(StopTaskCommand)).toEqual([]);
    expect(cloudFormation.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'airflow-migration', Data: {} })]);
  });

  test('is delivered twice: both runs have the same token, which ECS starts one task for', async () => {
    ends(SUCCESS);

    await invoke(cloudFormation.event(PROPERTIES));
    await invoke(cloudFormation.event(PROPERTIES));

    const tokens = ecs.commandCalls(RunTaskCommand).map(call => call.args[0].input.clientToken);
    expect(tokens).toEqual(['6b1f5d1e-0000-4000-8000-000000000001-1', '6b1f5d1e-0000-4000-8000-000000000001-1']);
  });
});

describe('Update', () => {
  test.each([
    ['another task definition', 'arn:aws:ecs:eu-west-1:111111111111:task-definition/Migration:8'],
    ['the same task definition', PROPERTIES.TaskDefinitionArn],
  ])('with %s runs it, under the same physical id', async (_description, taskDefinition) => {
    ends(SUCCESS);

    await invoke(cloudFormation.event({ ...PROPERTIES, TaskDefinitionArn: taskDefinition }, {
      RequestType: 'Update', RequestId: 'update', PhysicalResourceId: 'airflow-migration',
    }));

    expect(ecs.commandCalls(RunTaskCommand)[0].args[0].input).toMatchObject({ taskDefinition, clientToken: 'update-1' });
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'airflow-migration' });
  });
});

describe('Delete', () => {
  const remove = (PhysicalResourceId = 'airflow-migration') => invoke(cloudFormation.event(PROPERTIES, { RequestType: 'Delete', PhysicalResourceId }));

  test.each(['airflow-migration', 'Airflow-Migration-1A2B3C'])('of %s without a task starts and stops nothing', async physicalId => {
    await remove(physicalId);

    expect(ecs.calls().map(call => call.args[0].constructor.name)).toEqual(['ListTasksCommand']);
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
  });

  test('stops the task that runs, and answers when it has ended', async () => {
    runs(3);

    await remove();

    expect(ecs.commandCalls(StopTaskCommand).map(call => call.args[0].input)).toEqual([
      { cluster: CLUSTER_ARN, task: TASK_ARN, reason: 'the migration is being deleted' },
    ]);
    expect(ecs.commandCalls(DescribeTasksCommand)).toHaveLength(3);
    expect(cloudFormation.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
  });

  test('succeeds where the task cannot be stopped: what it keeps from being deleted says so', async () => {
    ecs.on(ListTasksCommand).rejects(Object.assign(new Error('Cluster not found.'), { name: 'ClusterNotFoundException' }));

    await remove();

    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS' });
    expect(console.error).toHaveBeenCalledWith('ecs:ListTasks failed: ClusterNotFoundException: Cluster not found.');
  });
});

describe('a migration that is longer than an invocation', () => {
  /** Invocations with too little time for a pause, one after the other as Lambda delivers them. */
  async function chain(event: MigrationEvent): Promise<number> {
    const payloads: string[] = [];
    functions.on(InvokeCommand).callsFake(input => payloads.push(input.Payload));
    await invoke(event, 100);
    for (let count = 1; ; count += 1) {
      const payload = payloads.shift();
      if (payload === undefined) { return count; }
      await invoke(JSON.parse(payload), 100);
    }
  }

  test('is waited for by a chain of invocations, which start one task and give one answer', async () => {
    runs(4, { lastStatus: 'STOPPED', containers: containers(SUCCESS) });
    ecs.on(ListTasksCommand).resolves({ taskArns: [] });

    expect(await chain(cloudFormation.event(PROPERTIES))).toBe(4);

    expect(functions.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => [input.FunctionName, input.InvocationType]))
      .toEqual(Array(3).fill([FUNCTION_ARN, 'Event']));
    expect(ecs.commandCalls(RunTaskCommand)).toHaveLength(1);
    expect(cloudFormation.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', RequestId: '6b1f5d1e-0000-4000-8000-000000000001' })]);
  });

  test('that ECS has no place for is tried again by the next invocation, with another token', async () => {
    ecs.on(RunTaskCommand).resolvesOnce({ failures: [{ reason: 'RESOURCE:FARGATE' }] }).resolves({ tasks: [{ taskArn: TASK_ARN }] });
    ends(SUCCESS);

    expect(await chain(cloudFormation.event(PROPERTIES))).toBe(2);

    expect(ecs.commandCalls(RunTaskCommand).map(call => call.args[0].input.clientToken)).toEqual([
      '6b1f5d1e-0000-4000-8000-000000000001-1', '6b1f5d1e-0000-4000-8000-000000000001-2',
    ]);
    expect(cloudFormation.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
  });

  test('fails when its time is over, and goes on; the time counts from the first invocation', async () => {
    runs(100);
    ecs.on(ListTasksCommand).resolves({ taskArns: [] });

    await invoke({ ...cloudFormation.event(PROPERTIES), Progress: { start: Date.now() - 3_480_000, seconds: 3480, attempts: 1, taskArn: TASK_ARN } });

    expect(cloudFormation.last).toMatchObject({
      Status: 'FAILED',
      Reason: `the migration has not ended within 3480 seconds and goes on, as task ${TASK_ARN}; the next deployment waits for it; ${LOGS('migrate')}`,
    });
    expect(ecs.commandCalls(StopTaskCommand)).toEqual([]);
    expect(ecs.commandCalls(RunTaskCommand)).toEqual([]);
  });

  test('fails with the task\'s address if the function cannot be invoked again', async () => {
    runs(100);
    ecs.on(ListTasksCommand).resolves({ taskArns: [] });
    functions.on(InvokeCommand).rejects(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }));

    await invoke(cloudFormation.event(PROPERTIES), 100);

    expect(cloudFormation.last).toMatchObject({
      Status: 'FAILED', Reason: `lambda:InvokeFunction failed: AccessDeniedException: not authorized; the migration goes on, as task ${TASK_ARN}`,
    });
  });
});

describe('roll-back', () => {
  const update = () => invoke(cloudFormation.event(PROPERTIES, { RequestType: 'Update', RequestId: 'roll-back', PhysicalResourceId: 'airflow-migration' }));
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

  test('leaves a migration of the newer release alone, and starts none beside it', async () => {
    inStack('UPDATE_ROLLBACK_IN_PROGRESS');
    runs(100, {}, { taskDefinitionArn: 'arn:aws:ecs:eu-west-1:111111111111:task-definition/Migration:8' });

    await update();

    expect(ecs.commandCalls(RunTaskCommand)).toEqual([]);
    expect(ecs.commandCalls(StopTaskCommand)).toEqual([]);
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS' });
    expect(console.log).toHaveBeenCalledWith(`not started: ${TASK_ARN} of the newer release goes on; the next deployment waits for it`);
  });

  test('that is delivered twice waits for its own task', async () => {
    inStack('UPDATE_ROLLBACK_IN_PROGRESS');
    runs(3, { lastStatus: 'STOPPED', containers: containers(SUCCESS) }, { taskDefinitionArn: PROPERTIES.TaskDefinitionArn });

    await update();

    expect(ecs.commandCalls(RunTaskCommand)).toEqual([]);
    expect(ecs.commandCalls(DescribeTasksCommand)).toHaveLength(3);
    expect(cloudFormation.last).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('failure', () => {
  async function reason(): Promise<string | undefined> {
    await invoke(cloudFormation.event(PROPERTIES));

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

  test('fails if no try can start the task', async () => {
    ecs.on(RunTaskCommand).rejects(Object.assign(new Error('TaskDefinition is inactive'), { name: 'ClientException' }));

    expect(await reason()).toBe('ecs:RunTask failed: ClientException: TaskDefinition is inactive');
  });

  test('fails with a reason that CloudFormation still takes', async () => {
    ends({ databases: 1 }, { stoppedReason: 'x'.repeat(10_000) });

    expect((await reason())!.length).toBe(2000);
  });
});
