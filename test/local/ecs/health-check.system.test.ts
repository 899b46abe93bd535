import { describeCluster, PATIENT } from './cluster-fixture';
import { until } from '../until';

describeCluster('health check', cluster => {
  test('is asked every second at first and then at its interval', async () => {
    const healthCheck = { ...PATIENT, command: ['CMD-SHELL', 'echo >> asked; test $(wc -l < asked) -gt 2'], interval: 7 };
    await cluster.createService('asked', cluster.taskDefinition(cluster.container('main', 'sleep 600', { healthCheck })));
    await until('it is asked again', async () => (await cluster.order<{ output: string }>('exec', 'asked', ['sh', '-c', 'wc -l < asked'])).output.trim() >= '5');
    // one of the first four is the task's own: a task counts as running when it has not ended within a second
    expect((await cluster.order<number[]>('sleeps')).slice(0, 6)).toEqual([1000, 1000, 1000, 1000, 7000, 7000]);
  });

  test('that never passes fails after start period and retries', async () => {
    const healthCheck = { command: ['CMD', 'false'], interval: 5, timeout: 60, retries: 2, startPeriod: 10 };
    await expect(cluster.createService('never', cluster.taskDefinition(cluster.container('main', 'sleep 600', { healthCheck }))))
      .rejects.toThrow('"Task failed container health checks"');
  });

  test('that hangs is a failed one', async () => {
    const healthCheck = { command: ['CMD', 'sleep', '600'], interval: 1, timeout: 1, retries: 1, startPeriod: 0 };
    await expect(cluster.createService('hanging', cluster.taskDefinition(cluster.container('main', 'sleep 600', { healthCheck }))))
      .rejects.toThrow('"Task failed container health checks"');
  });
});
