import { readFileSync } from 'node:fs';
import { describeCluster, PATIENT } from './cluster-fixture';
import { until } from '../until';

describeCluster('service', cluster => {
  test('is steady when its tasks are healthy', async () => {
    await cluster.order('holdClock'); // nobody asks for its health yet
    const healthCheck = { ...PATIENT, command: ['CMD-SHELL', 'test -e ready'] };
    const creating = cluster.createService('healthy', cluster.taskDefinition(cluster.container('main', 'touch ready; sleep 600', { healthCheck })), { desiredCount: 2 });
    await until('both are running', async () => (await cluster.status('healthy')).runningCount === 2);
    expect(await cluster.status('healthy')).toMatchObject({ steady: false, healthyCount: 0 });
    await cluster.order('releaseClock');
    await creating;
    expect(await cluster.status('healthy')).toMatchObject({ steady: true, desiredCount: 2, runningCount: 2, healthyCount: 2 });
    const { tasks } = await cluster.status('healthy');
    expect(new Set(tasks.map(({ address }) => address)).size).toBe(2);
  });

  test('scales down and up, by its name and by the ECS API', async () => {
    await cluster.order('setDesiredCount', 'healthy', 1);
    await until('one has stopped', async () => (await cluster.status('healthy')).tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED').length === 1);
    expect(await cluster.status('healthy')).toMatchObject({ desiredCount: 1, runningCount: 1, steady: true });
    expect(await cluster.api('UpdateService', { service: 'healthy-Service', desiredCount: 2 })).toMatchObject({ service: { desiredCount: 2, serviceName: 'healthy-Service' } });
    await until('it is steady', async () => (await cluster.status('healthy')).steady);
    expect(await cluster.api('DescribeServices', { services: ['healthy-Service', 'x'] })).toMatchObject({
      services: [{ desiredCount: 2, runningCount: 2, pendingCount: 0, status: 'ACTIVE' }], failures: [{ arn: 'x', reason: 'MISSING' }],
    });
    const { taskArns } = await cluster.api<{ taskArns: string[] }>('ListTasks', { serviceName: 'healthy' });
    expect(taskArns).toHaveLength(2);
  });

  test('keeps tasks that are protected, also where there are too many', async () => {
    const service = 'healthy-Service';
    const list = async () => (await cluster.api<{ taskArns: string[] }>('ListTasks', { serviceName: 'healthy' })).taskArns;
    const protect = async (protectionEnabled: boolean, ...tasks: string[]) => cluster.api('UpdateTaskProtection', { tasks, protectionEnabled });
    const [older, younger] = await list();
    expect(await protect(true, younger)).toMatchObject({ protectedTasks: [{ taskArn: younger, protectionEnabled: true }], failures: [] });
    await cluster.api('UpdateService', { service, desiredCount: 1 });
    expect(await list()).toEqual([younger]);
    await cluster.ended(older);
    await cluster.api('UpdateService', { service, desiredCount: 0 });
    expect(await list()).toEqual([younger]);
    expect(await protect(true, younger)).toMatchObject({ protectedTasks: [], failures: [{ arn: younger, reason: 'DEPLOYMENT_BLOCKED' }] });
    await protect(false, younger);
    expect(await list()).toEqual([]);
    await cluster.api('UpdateService', { service, desiredCount: 2 });
    await until('it is steady', async () => (await cluster.status('healthy')).steady);
  });

  test('does not scale to what this machine cannot hold', async () => {
    await expect(cluster.order('setDesiredCount', 'healthy', 1e9)).rejects.toThrow(
      /healthy=1000000000: this machine has memory for \d+ more tasks \(\d+ MiB each\): scale healthy to \d+ at most/,
    );
    expect(await cluster.status('healthy')).toMatchObject({ desiredCount: 2, steady: true });
  });

  test('without a health check it is steady when its task has run for a second', async () => {
    await cluster.order('holdClock');
    const before = (await cluster.order<number[]>('sleeps')).length;
    const creating = cluster.createService('unchecked', cluster.taskDefinition(cluster.container('main', 'sleep 600')));
    await until('it is running', async () => (await cluster.status('unchecked')).runningCount === 1);
    expect(await cluster.status('unchecked')).toMatchObject({ steady: false, healthyCount: 0 });
    expect((await cluster.order<number[]>('sleeps')).slice(before)).toContain(1000);
    await cluster.order('releaseClock');
    await creating;
    expect(await cluster.status('unchecked')).toMatchObject({ steady: true, healthyCount: 1 });
  });

  test('replaces a task that ends', async () => {
    await cluster.createService('restarting', cluster.taskDefinition(cluster.container('main', 'echo $$ > pid; exec sleep 600', {
      healthCheck: { ...PATIENT, command: ['CMD-SHELL', 'test -s pid'] },
    })));
    const [{ id }] = (await cluster.status('restarting')).tasks;
    await cluster.order('exec', 'restarting', ['sh', '-c', 'kill -9 $(cat pid)']);
    await until('another one runs', async () => (await cluster.status('restarting')).tasks.some(task => task.id !== id && task.healthStatus === 'HEALTHY'));
    const old = (await cluster.status('restarting')).tasks.find(task => task.id === id)!;
    expect(old).toMatchObject({ stoppedReason: 'Essential container in task exited', containers: [{ exitCode: 137 }] });
  });

  test('replaces a task that becomes unhealthy', async () => {
    const healthCheck = { ...PATIENT, command: ['CMD-SHELL', 'test ! -e broken'], interval: 5, retries: 2 };
    await cluster.createService('unhealthy', cluster.taskDefinition(cluster.container('main', 'sleep 600', { healthCheck })));
    const [{ id }] = (await cluster.status('unhealthy')).tasks;
    await cluster.order('exec', 'unhealthy', ['touch', 'broken']);
    await until('another one is healthy', async () => (await cluster.status('unhealthy')).tasks.some(task => task.id !== id && task.healthStatus === 'HEALTHY'));
    expect((await cluster.status('unhealthy')).tasks.find(task => task.id === id)!.stoppedReason).toBe('Task failed container health checks');
  });

  test('fails when its tasks keep failing, with the last reason and log file', async () => {
    const before = (await cluster.order<number[]>('sleeps')).length;
    const error: Error = await cluster.createService('failing', cluster.taskDefinition(
      cluster.container('main', 'echo cause; exit 7', { stopTimeout: 119 }),
      // the task never runs, however long it takes main to end
      cluster.container('waiting', '', { essential: false, dependsOn: [{ containerName: 'main', condition: 'COMPLETE' }], stopTimeout: 119 }),
    )).then(() => fail('it did not fail'), reason => reason as Error);
    expect(error.message).toMatch(
      /service failing does not become steady: 3 tasks failed in a row, the last one with "Essential container in task exited" \(container main: exit code 7\): see .*\/log\/failing\/[0-9a-f]{32}\/main\.log$/,
    );
    expect(readFileSync(/see (.*)$/.exec(error.message)![1], 'utf-8')).toBe('cause\n');
    // the second task is started after 1 s, the third after 2 s more, and the fourth never; the healthy ones are asked for their health meanwhile
    const OTHERS = [5000, 30_000, 119_000, 120_000];
    expect((await cluster.order<number[]>('sleeps')).slice(before).filter(time => !OTHERS.includes(time))).toEqual([1000, 2000, 4000]);
    expect((await cluster.status('failing')).runningCount).toBe(0);
    expect((await cluster.status('failing')).tasks).toHaveLength(3);
  });
});
