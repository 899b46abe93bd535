import { describeCluster, type ApiTask } from './cluster-fixture';

describeCluster('ECS API', cluster => {
  test('StopTask ends it with the given reason', async () => {
    const definition = cluster.taskDefinition(cluster.container('main', 'sleep 600'));
    await cluster.order('registerTaskDefinition', definition);
    const { tasks: [{ taskArn }] } = await cluster.api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.family });
    await cluster.api('StopTask', { task: taskArn, reason: 'took too long' });
    expect(await cluster.ended(taskArn)).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'took too long' });
  });

  test('RunTask with overrides, and once per client token', async () => {
    const definition = cluster.taskDefinition(cluster.container('main', 'echo original'));
    const overrides = { containerOverrides: [{ name: 'main', command: ['bash', '-c', 'echo $WORD'], environment: [{ name: 'WORD', value: 'overridden' }] }] };
    const task = await cluster.runTask(definition, { overrides, clientToken: 'once' });
    expect(cluster.logOf(task, 'main')).toBe('overridden\n');
    const again = await cluster.api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.arn, overrides, clientToken: 'once' });
    expect(again.tasks[0].taskArn).toBe(task.taskArn);
  });

  test('refuses a client token that is too long or was used for something else', async () => {
    const definition = cluster.taskDefinition(cluster.container('main', 'true'));
    await cluster.runTask(definition, { clientToken: 'used' });
    expect(await cluster.api('RunTask', { taskDefinition: definition.arn, clientToken: 'used', startedBy: 'another' })).toMatchObject({ statusCode: 400, __type: 'ConflictException' });
    expect(await cluster.api('RunTask', { taskDefinition: definition.arn, clientToken: 'x'.repeat(65) })).toMatchObject({ statusCode: 400, __type: 'InvalidParameterException' });
  });

  test('ListTasks finds a task by who has started it, and takes no other filter beside that', async () => {
    const definition = cluster.taskDefinition(cluster.container('main', 'sleep 600'));
    await cluster.order('registerTaskDefinition', definition);
    const { tasks: [{ taskArn }] } = await cluster.api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.arn, startedBy: 'somebody' });
    expect(await cluster.api('ListTasks', { startedBy: 'somebody' })).toMatchObject({ taskArns: [taskArn] });
    expect(await cluster.api('ListTasks', { startedBy: 'nobody' })).toMatchObject({ taskArns: [] });
    expect(await cluster.api('ListTasks', { startedBy: 'somebody', desiredStatus: 'RUNNING' })).toMatchObject({ statusCode: 400, __type: 'InvalidParameterException' });
    await cluster.api('StopTask', { task: taskArn });
    expect(await cluster.api('ListTasks', { startedBy: 'somebody' })).toMatchObject({ taskArns: [] });
    await cluster.ended(taskArn);
  });

  test('DescribeTasks does not keep the order of the containers', async () => {
    const definition = cluster.taskDefinition(cluster.container('second', 'true', { essential: false }), cluster.container('first', 'true'));
    const { taskArn } = await cluster.runTask(definition);
    const { tasks: [task] } = await cluster.api<{ tasks: ApiTask[] }>('DescribeTasks', { tasks: [taskArn] });
    expect(task.containers.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  test('protects tasks of services only, ten at a time, and knows where a task is', async () => {
    const definition = cluster.taskDefinition(cluster.container('main', 'sleep 600'));
    await cluster.order('registerTaskDefinition', definition);
    const { tasks: [{ taskArn }] } = await cluster.api<{ tasks: ApiTask[] }>('RunTask', { taskDefinition: definition.arn });

    expect(await cluster.api('UpdateTaskProtection', { tasks: [taskArn, 'arn:x/y'], protectionEnabled: true })).toMatchObject({
      statusCode: 200, protectedTasks: [], failures: [{ arn: taskArn, reason: 'TASK_NOT_VALID' }, { arn: 'arn:x/y', reason: 'MISSING' }],
    });
    expect(await cluster.api('GetTaskProtection', { tasks: [taskArn, 'arn:x/y'] })).toMatchObject({
      protectedTasks: [{ taskArn, protectionEnabled: false }], failures: [{ arn: 'arn:x/y', reason: 'MISSING' }],
    });
    const protection = { tasks: [taskArn], protectionEnabled: true };
    for (const request of [{ ...protection, tasks: Array(11).fill(taskArn) }, { tasks: [taskArn] }, { ...protection, expiresInMinutes: 2881 }]) {
      expect(await cluster.api('UpdateTaskProtection', request)).toMatchObject({ statusCode: 400, __type: 'InvalidParameterException' });
    }
    await cluster.api('StopTask', { task: taskArn });
    await cluster.ended(taskArn);
  });

  test('fails for unknown task definitions, tasks and operations', async () => {
    expect(await cluster.api('RunTask', { taskDefinition: 'nothing:1' })).toMatchObject({ statusCode: 400, __type: 'ClientException', message: 'TaskDefinition not found: nothing:1' });
    expect(await cluster.api('DescribeTasks', { tasks: ['arn:x/y'] })).toMatchObject({ statusCode: 200, tasks: [], failures: [{ arn: 'arn:x/y', reason: 'MISSING' }] });
    expect(await cluster.api('DeleteCluster', {})).toMatchObject({ statusCode: 400, __type: 'InvalidAction' });
  });
});
