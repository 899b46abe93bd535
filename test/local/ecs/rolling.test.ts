import { InMemoryServices } from './in-memory';
import type { ServiceDefinition } from '../../../local/ecs/definitions';
import type { Service } from '../../../local/ecs/service';
import { until } from '../until';

const services = new InMemoryServices();
let service: Service;
afterEach(() => service.stop());

const running = () => service.active.map(({ id }) => id);
const told = () => service.events.list().map(({ message }) => message).reverse();
const next = (taskDefinition: ServiceDefinition['taskDefinition'], more: Partial<ServiceDefinition> = {}): ServiceDefinition => ({ ...service.definition, taskDefinition, ...more });

async function update(definition: ServiceDefinition): Promise<void> {
  service.update(definition);
  await service.whenSteady();
}

describe('a rolling update', () => {
  test('lets the old task leave when the new one is healthy', async () => {
    service = services.service(services.definition('healthy'));
    await service.whenSteady();
    const [old] = running();
    const definition = services.definition('silent');

    const updating = update(next(definition));
    await until('both run', async () => service.active.every(({ lastStatus }) => lastStatus === 'RUNNING'));

    expect(running()).toHaveLength(2);
    expect(service.steady).toBe(false);
    expect(service.deployments).toMatchObject([{ taskDefinition: definition, rolloutState: 'IN_PROGRESS' }, { rolloutState: 'COMPLETED' }]);
    services.behaviours.set(definition.containers[0].command![0], 'healthy');
    await updating;
    const [{ id: deployment }] = service.deployments;
    expect(service.deployments).toMatchObject([{ taskDefinition: definition, rolloutState: 'COMPLETED', rolloutStateReason: `ECS deployment ${deployment} completed.` }]);
    expect(service.tasks.find(({ id }) => id === old)).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated', stoppedReason: `Scaling activity initiated by (deployment ${deployment})`,
    });
    expect(told().slice(-4)).toEqual([
      `(service Name) has started 1 tasks: (task ${running()[0]}).`,
      `(service Name) has stopped 1 running tasks: (task ${old}).`,
      `(service Name) (deployment ${deployment}) deployment completed.`,
      '(service Name) has reached a steady state.',
    ]);
  });

  test('is none if nothing of the tasks changes, unless it is forced', async () => {
    service = services.service(services.definition('healthy'));
    await service.whenSteady();
    const before = running();

    await update({ ...service.definition });
    expect(running()).toEqual(before);

    service.update({ ...service.definition }, true);
    await service.whenSteady();
    expect(running()).not.toEqual(before);
    expect(running()).toHaveLength(1);
  });

  test('comes from other security groups as well', async () => {
    service = services.service(services.definition('healthy'));
    await service.whenSteady();
    const before = running();

    await update({ ...service.definition, securityGroups: ['sg-other'] });

    expect(running()).not.toEqual(before);
    expect(service.active[0].options.securityGroups).toEqual(['sg-other']);
  });

  test('begins with the end of the old task where there may be only one', async () => {
    service = services.service(services.definition('healthy'), { minimumHealthyPercent: 0, maximumPercent: 100 });
    await service.whenSteady();

    await update(next(services.definition('healthy')));

    expect(told().filter(message => message.includes('tasks:')).map(message => message.split(' ').slice(2, 5).join(' '))).toEqual([
      'has started 1', 'has stopped 1', 'has started 1',
    ]);
  });

  test.each(['exit', 'unhealthy'] as const)('is taken back by the circuit breaker (%s), and the old task runs on', async behaviour => {
    service = services.service(services.definition('healthy'));
    await service.whenSteady();
    const { definition } = service;
    const before = running();
    const [{ id }] = service.deployments;

    await expect(update(next(services.definition(behaviour)))).rejects.toThrow(
      `service main does not become steady: 3 tasks failed in a row, the last one with "${behaviour === 'exit' ? 'Essential container in task exited' : 'Task failed container health checks'}"`,
    );

    await until('nothing of it is left', async () => service.steady);
    expect(running()).toEqual(before);
    expect(service.deployments).toMatchObject([{ id, rolloutState: 'COMPLETED' }]);
    expect(told().filter(message => /deployment ecs-svc/.test(message))).toEqual([
      `(service Name) (deployment ${id}) deployment completed.`,
      expect.stringMatching(/^\(service Name\) \(deployment ecs-svc\/[1-9]{19}\) deployment failed: tasks failed to start\.$/),
      `(service Name) rolling back to deployment ${id}.`,
      `(service Name) (deployment ${id}) deployment completed.`,
    ]);
    expect(told().filter(message => message.endsWith('failed container health checks.'))).toHaveLength(behaviour === 'unhealthy' ? 3 : 0);
    await update(definition); // what CloudFormation does next
    expect(running()).toEqual(before);
  });

  test('starts nothing more after a failure where it is not taken back', async () => {
    service = services.service(services.definition('healthy'), { deploymentCircuitBreaker: { enable: true, rollback: false } });
    await service.whenSteady();
    const before = running();

    await expect(update(next(services.definition('exit')))).rejects.toThrow();

    expect(running()).toEqual(before);
    expect(service.deployments).toMatchObject([
      { rolloutState: 'FAILED', rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.', failedTasks: 3 }, { rolloutState: 'COMPLETED' },
    ]);
  });

  test('takes as many failures as half of the desired count, and three at least', async () => {
    service = services.service(services.definition('healthy'), { desiredCount: 9 });
    await service.whenSteady();

    await expect(update(next(services.definition('exit')))).rejects.toThrow('5 tasks failed in a row');
  });

  test('is tried for ever without a circuit breaker, but whoever waits is told', async () => {
    service = services.service(services.definition('healthy'), { deploymentCircuitBreaker: { enable: false, rollback: false } });
    await service.whenSteady();

    await expect(update(next(services.definition('exit')))).rejects.toThrow('3 tasks failed in a row');

    expect(service.primary.rolloutState).toBe('IN_PROGRESS');
    expect(told().at(-1)).toBe('(service Name) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.');
  });

  test('of nothing does not wait for ever where tasks keep failing', async () => {
    const definition = services.definition('healthy');
    service = services.service(definition);
    await service.whenSteady();
    services.behaviours.set(definition.containers[0].command![0], 'unhealthy');
    await until('it is not steady', async () => !service.steady);

    await expect(update({ ...service.definition })).rejects.toThrow('the last one with "Task failed container health checks"');

    expect(service.primary.rolloutState).toBe('COMPLETED');
  });

  test('is refused beside five deployments that still have tasks', async () => {
    service = services.service(services.definition('healthy'), { desiredCount: 6, maximumPercent: 120 });
    await service.whenSteady();
    for (let count = 0; count < 4; count++) {
      service.update(next(services.definition('first')));
      await until('it has a task that is ready', async () => service.active.some(({ ready, options }) => ready && options.startedBy === service.primary.id));
    }
    expect(service.deployments).toHaveLength(5);

    expect(() => service.update(next(services.definition('first')))).toThrow('service main has 5 active deployments: wait until one of them has ended');
    expect(service.deployments).toHaveLength(5);
  });
});
