import { join } from 'node:path';
import { CLASSES } from '../../../local/mwaa/classes';
import { readEnvironment, type MwaaEnvironment } from '../../../local/mwaa/environment';
import { plan } from '../../../local/mwaa/plan';
import { validateFargateSize } from '../../../src/fargate/fargate-size';

const ENVIRONMENT = readEnvironment(join(__dirname, 'environment.json'));

function properties(change: Partial<MwaaEnvironment>): Record<string, string> {
  return Object.fromEntries(Object.entries(plan({ ...ENVIRONMENT, LoggingConfiguration: {}, ...change }).properties).map(([name, code]) => [name, code.typescript('')]));
}

test('each class has sizes that Fargate has, with memory for its tasks', () => {
  for (const { worker, concurrency, scheduler, webServer } of Object.values(CLASSES)) {
    [worker, scheduler, webServer].forEach(size => size && validateFargateSize(size.cpu, size.memoryLimitMiB));
    expect(512 + concurrency * 512).toBeLessThanOrEqual(worker.memoryLimitMiB);
  }
});

test.each([
  ['mw1.micro', undefined, undefined, '{ cpu: 1024, memoryLimitMiB: 2048, concurrency: 3, scaling: WorkerScaling.fixed(1) }'],
  ['mw1.small', '{ desiredCount: 2 }', undefined, '{ cpu: 1024, memoryLimitMiB: 4096, concurrency: 5, scaling: WorkerScaling.onQueue({ minWorkers: 2, maxWorkers: 10 }) }'],
  ['mw1.large', '{ cpu: 2048, memoryLimitMiB: 4096, desiredCount: 2 }', '{ cpu: 2048, memoryLimitMiB: 4096 }',
    '{ cpu: 4096, memoryLimitMiB: 11264, concurrency: 20, scaling: WorkerScaling.onQueue({ minWorkers: 2, maxWorkers: 10 }) }'],
])('%s becomes services of these sizes', (EnvironmentClass, scheduler, dagProcessor, worker) => {
  const found = properties({ AirflowConfigurationOptions: {}, EnvironmentClass });

  expect([found.scheduler, found.dagProcessor, found.worker]).toEqual([scheduler, dagProcessor, worker]);
});

test('as many workers at the least as at the most are a fixed number', () => {
  expect(properties({ MinWorkers: 3, MaxWorkers: 3 }).worker).toContain('scaling: WorkerScaling.fixed(3)');
});

test('celery.worker_autoscale says how many tasks a worker runs', () => {
  expect(properties({ AirflowConfigurationOptions: { 'celery.worker_autoscale': '8,8' } }).worker).toContain('concurrency: 8,');
});

test('a release of Airflow that the construct takes stays; older ones become the one it is made for', () => {
  expect(properties({ AirflowVersion: '3.2.1' }).version).toBe('AirflowVersion.of(\'3.2.1\')');
  expect(properties({ AirflowVersion: '3.0.6' }).version).toBe('AirflowVersion.of(\'3.3.2\')');
  expect(plan({ ...ENVIRONMENT, AirflowVersion: '2.10.3' }).notes[0]).toContain('**Airflow 2.10.3 becomes 3.3.2**: DAGs have to be ported');
});

test('without requirements, plugins and a start-up script no image is built', () => {
  expect(Object.keys(properties({ RequirementsS3Path: undefined, PluginsS3Path: undefined }))).not.toContain('image');
});

test('everything that is not the same is named', () => {
  const { notes } = plan({ ...ENVIRONMENT, StartupScriptS3Path: 'startup.sh', EndpointManagement: 'CUSTOMER' });
  const texts = [
    'celery.worker_autoscale', 'webserver.default_ui_timezone', 'new VPC', 'sg-0123456789abcdef0', 'up to 3', 'WebserverLogs is off', 'AmazonMWAA-analytics',
    'not public', 'startup.sh', 'SUN:03:30', 'CUSTOMER', 'connections', 'Log groups',
  ];
  expect(texts.filter(text => !notes.some(note => note.replaceAll('*', '').includes(text)))).toEqual([]);
});

test('a class that is not known is an error with the known ones', () => {
  expect(() => plan({ ...ENVIRONMENT, EnvironmentClass: 'mw2.small' })).toThrow('the environment class is mw2.small: known are mw1.micro, mw1.small,');
});
