import { isProtected, protect, protectionOf } from '../../../local/ecs/task-protection';

const HOUR = 3_600_000;

function service(tasks: number, desiredCount = tasks) {
  const active = Array.from({ length: tasks }, (_, index) => ({ arn: `task/${index}`, lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }));
  const ask = (index: number, protectionEnabled = true, now = 0, expiresInMinutes?: number) =>
    protect(active[index], { desiredCount, active }, { protectionEnabled, expiresInMinutes }, now);
  return { active, ask };
}

const BLOCKED = { reason: 'DEPLOYMENT_BLOCKED' };

test('protection lasts as long as asked for, two hours otherwise', () => {
  const { active, ask } = service(2);

  expect(ask(0)).toEqual({ taskArn: 'task/0', protectionEnabled: true, expirationDate: 2 * HOUR / 1000 });
  expect(ask(1, true, 0, 2880)).toEqual({ taskArn: 'task/1', protectionEnabled: true, expirationDate: 48 * HOUR / 1000 });
  const states = [2 * HOUR - 1, 2 * HOUR, 48 * HOUR].map(now => active.map(task => isProtected(task, now)));
  expect(states).toEqual([[true, true], [false, true], [false, false]]);
  expect(protectionOf(active[0], 2 * HOUR)).toEqual({ taskArn: 'task/0', protectionEnabled: false });
});

test('no more tasks are protected than desired, renewals included', () => {
  const { ask, active } = service(3, 2);

  expect([ask(0), ask(1)]).toMatchObject([{ protectionEnabled: true }, { protectionEnabled: true }]);
  expect(ask(2)).toMatchObject(BLOCKED);
  expect(protect(active[0], { desiredCount: 1, active }, { protectionEnabled: true }, 0)).toMatchObject(BLOCKED);
  expect([ask(1, false), ask(2)]).toMatchObject([{ protectionEnabled: false }, { protectionEnabled: true }]);
});

test('protection that has run out does not count', () => {
  const { ask } = service(2, 1);

  expect([ask(0), ask(1), ask(1, true, 2 * HOUR)]).toMatchObject([{ protectionEnabled: true }, BLOCKED, { protectionEnabled: true }]);
});

test.each([['a task without a service', { lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }, undefined], ['one that starts', { lastStatus: 'PENDING', desiredStatus: 'RUNNING' }, 1],
  ['one that stops', { lastStatus: 'RUNNING', desiredStatus: 'STOPPED' }, 1]])('%s cannot be protected', (_, state, desiredCount) => {
  const task = { arn: 'task', ...state };

  expect(protect(task, desiredCount === undefined ? undefined : { desiredCount, active: [task] }, { protectionEnabled: true }, 0)).toMatchObject({ arn: 'task', reason: 'TASK_NOT_VALID' });
});
