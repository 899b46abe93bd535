import { describeCluster } from './cluster-fixture';

describeCluster('execution role', cluster => {
  const trust = (principal: string) => ({ Statement: { Effect: 'Allow', Principal: { Service: principal }, Action: 'sts:AssumeRole' } });
  const allow = (...actions: string[]) => ({ Statement: { Effect: 'Allow', Action: actions, Resource: 'arn:aws:logs:eu-west-1:111111111111:log-group:airflow:*' } });
  const logs = { group: 'airflow', region: 'eu-west-1', streamPrefix: 'main' };
  const logging = (role: string) => ({ ...cluster.taskDefinition(cluster.container('main', 'echo ran', { logs })), executionRoleArn: `arn:aws:iam::111111111111:role/${role}` });

  test('does not start if ECS may not assume its role', async () => {
    await cluster.order('createRole', 'arn:aws:iam::111111111111:role/of-ec2', trust('ec2.amazonaws.com'), allow('logs:*'));
    const task = await cluster.runTask(logging('of-ec2'));
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart' });
    expect(task.stoppedReason).toBe("ECS was unable to assume the role 'arn:aws:iam::111111111111:role/of-ec2' that was provided for this task: its trust policy does not let ecs-tasks.amazonaws.com assume it");
  });

  test('does not start if its execution role may not create the log stream', async () => {
    await cluster.order('createRole', 'arn:aws:iam::111111111111:role/mute', trust('ecs-tasks.amazonaws.com'), allow('logs:PutLogEvents'));
    const task = await cluster.runTask(logging('mute'));
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart' });
    const id = task.taskArn.split('/').at(-1);
    expect(task.stoppedReason).toBe('ResourceInitializationError: failed to validate logger args: failed to create Cloudwatch log stream: AccessDeniedException: '
      + `User: arn:aws:sts::111111111111:assumed-role/mute/${id} is not authorized to perform: logs:CreateLogStream on resource: `
      + `arn:aws:logs:eu-west-1:111111111111:log-group:airflow:log-stream:main/main/${id} because no identity-based policy allows the logs:CreateLogStream action`);
  });

  test('runs, but without a log, if its execution role may not write to the log stream', async () => {
    await cluster.order('createRole', 'arn:aws:iam::111111111111:role/lossy', trust('ecs-tasks.amazonaws.com'), allow('logs:CreateLogStream'));
    const task = await cluster.runTask(logging('lossy'));
    expect(cluster.logOf(task, 'main')).toBe('ran\n');
    expect(await cluster.order<{ action: string }[]>('denials')).toContainEqual(expect.objectContaining({
      component: 'main', action: 'logs:PutLogEvents', resource: expect.stringContaining(':log-group:airflow:log-stream:main/main/'),
    }));
  });

  test('must have an execution role for its log', async () => {
    await expect(cluster.order('registerTaskDefinition', { ...cluster.taskDefinition(cluster.container('main', 'true', { logs })), executionRoleArn: undefined }))
      .rejects.toThrow('container main has the log driver awslogs: its task definition must have an execution role');
  });
});
