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

  test('fails for unknown task definitions, tasks and operations', async () => {
    expect(await cluster.api('RunTask', { taskDefinition: 'nothing:1' })).toMatchObject({ statusCode: 400, __type: 'ClientException', message: 'TaskDefinition not found: nothing:1' });
    expect(await cluster.api('DescribeTasks', { tasks: ['arn:x/y'] })).toMatchObject({ statusCode: 200, tasks: [], failures: [{ arn: 'arn:x/y', reason: 'MISSING' }] });
    expect(await cluster.api('DeleteCluster', {})).toMatchObject({ statusCode: 400, __type: 'InvalidAction' });
  });
});
