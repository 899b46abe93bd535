import { describeCluster, PATIENT } from './cluster-fixture';
import type { ServiceStatus } from '../../../local/ecs/cluster';
import { until } from '../until';

describeCluster('cluster', cluster => {
  const healthCheck = { ...PATIENT, command: ['CMD-SHELL', 'test -e ready'] };

  beforeAll(async () => {
    await cluster.createService('healthy', cluster.taskDefinition(cluster.container('main', 'touch ready; sleep 600', { healthCheck })));
  });

  test('exec runs in a task', async () => {
    expect(await cluster.order('exec', 'healthy', ['sh', '-c', 'ls; exit 3'])).toMatchObject({ code: 3, output: 'ready\n' });
    await expect(cluster.order('exec', 'healthy', ['true'], 'sidecar')).rejects.toThrow('service healthy has no container sidecar: it has main');
    await expect(cluster.order('exec', 'nobody', ['true'])).rejects.toThrow(/no service nobody: there are .*healthy/);
  });

  test('private names lead to the running tasks', async () => {
    const server = 'import http.server as h; h.ThreadingHTTPServer(("0.0.0.0", 18090), h.SimpleHTTPRequestHandler).serve_forever()';
    await cluster.createService('web', cluster.taskDefinition(cluster.container('main', '', {
      command: ['python', '-c', server], healthCheck: { ...PATIENT, command: ['CMD-SHELL', 'curl -fsS http://localhost:18090/'] },
    })), { desiredCount: 2, privateNames: ['web.airflow'] });
    const ask = async () => (await cluster.order<{ output: string }>('exec', 'healthy', [
      'python', '-c', 'import socket; print(sorted({a[4][0] for a in socket.getaddrinfo("web.airflow", 18090)}))',
    ])).output;
    const addresses = (await cluster.status('web')).tasks.map(({ address }) => address!).sort();
    expect(await ask()).toBe(`['${addresses.join("', '")}']\n`);
    await cluster.order('setDesiredCount', 'web', 1);
    await until('the name leads to one task', async () =>
      (await ask()) === `['${(await cluster.status('web')).tasks.find(({ lastStatus }) => lastStatus === 'RUNNING')!.address}']\n`);
  });

  test('stop ends everything within the grace period', async () => {
    await cluster.createService('stubborn', cluster.taskDefinition(
      cluster.container('main', 'trap "" TERM; touch ready; while :; do sleep 0.1; done', { healthCheck, stopTimeout: 120 }),
    ));
    const before = (await cluster.order<number[]>('sleeps')).length;
    await cluster.order('stop', 2);
    const waited = (await cluster.order<number[]>('sleeps')).slice(before);
    expect(waited).toContain(2000);
    expect(waited).not.toContain(120_000);
    const services = await cluster.order<ServiceStatus[]>('services');
    expect(services.flatMap(({ tasks }) => tasks).every(({ lastStatus }) => lastStatus === 'STOPPED')).toBe(true);
    await expect(cluster.createService('late', cluster.taskDefinition(cluster.container('main', 'true')))).rejects.toThrow('being stopped');
  });
});
