import { describeCluster, EMPTY, SECRET } from './cluster-fixture';

describeCluster('secrets', cluster => {
  test('secrets are read with the key of the execution role', async () => {
    await cluster.runTask(cluster.taskDefinition(cluster.container('main', 'true', { secrets: { A: SECRET } })));
    const requests = await cluster.order<{ authorization: string }[]>('secretRequests');
    const key = /Credential=(\w+)/.exec(requests.at(-1)!.authorization)![1];
    expect(await cluster.order('sessionOf', key)).toMatchObject({ roleArn: 'arn:aws:iam::111111111111:role/execution', component: 'main' });
  });

  test('fails when a secret has no value, before any container starts', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(cluster.container('main', 'echo never', { secrets: { A: EMPTY } })));
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', containers: [{ name: 'main', lastStatus: 'STOPPED' }] });
    expect(task.stoppedReason).toMatch(/^ResourceInitializationError: unable to pull secrets .*Empty-abcdef.*ResourceNotFoundException/);
    expect(task.containers[0].exitCode).toBeUndefined();
  });

  test('fails when a secret has no such field', async () => {
    const task = await cluster.runTask(cluster.taskDefinition(cluster.container('main', 'echo never', { secrets: { A: `${SECRET}:host::` } })));
    expect(task.stoppedReason).toContain('did not contain json key host');
    expect(task.stoppedReason).not.toContain('s3cret');
  });
});
