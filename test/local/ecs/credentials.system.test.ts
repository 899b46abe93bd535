import { describeCluster, TASK_ROLE } from './cluster-fixture';

describeCluster('credentials', cluster => {
  test('its credentials and metadata are answered, for this task only', async () => {
    const credentials = cluster.level === 'loopback' ? '${AWS_CONTAINER_CREDENTIALS_FULL_URI}' : 'http://169.254.170.2${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI}';
    const task = await cluster.runTask(cluster.taskDefinition(cluster.container(
      'main', `curl -s ${credentials}; echo; curl -s $ECS_CONTAINER_METADATA_URI_V4/task; echo; curl -s ${credentials}x; echo; echo ${credentials}`,
    )));
    const [keys, metadata, refused, uri] = cluster.logOf(task, 'main').trim().split('\n');
    expect(JSON.parse(keys)).toMatchObject({ RoleArn: TASK_ROLE, AccessKeyId: expect.stringMatching(/^ASIA[0-9A-F]{16}$/), Expiration: expect.stringMatching(/Z$/) });
    expect(await cluster.order('sessionOf', (JSON.parse(keys) as { AccessKeyId: string }).AccessKeyId)).toEqual({
      roleArn: TASK_ROLE, arn: `arn:aws:sts::111111111111:assumed-role/task/${task.taskArn.split('/').at(-1)}`, component: 'main',
    });
    expect(JSON.parse(metadata)).toMatchObject({ TaskARN: task.taskArn, LaunchType: 'FARGATE', Containers: [{ Name: 'main' }] });
    expect(JSON.parse(refused)).toMatchObject({ code: 'InvalidIdInRequest' });
    // the task has ended, and another one asks
    const other = await cluster.runTask(cluster.taskDefinition(cluster.container('main', `curl -s ${uri}`)));
    expect(JSON.parse(cluster.logOf(other, 'main'))).toMatchObject({ code: 'InvalidIdInRequest' });
  });
});
