import { Container, Task } from '@aws-sdk/client-ecs';
import { CONTAINERS, currentContainer, failureOf, isLost } from '../../src/migration/migration-task';

const ended = (containers: Container[], task: Partial<Task> = {}): Task => ({ containers, lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', ...task });
const permutations = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

test('a task whose containers have all ended with 0 has not failed', () => {
  expect(failureOf(ended(CONTAINERS.map(name => ({ name, exitCode: 0 }))))).toBeUndefined();
});

describe.each(permutations)('in the order %d %d %d', (...order) => {
  const shuffled = (containers: Container[]) => order.map(index => containers[index]);
  /** What the agent says of a container whose dependency cannot be fulfilled any more. */
  const dependant = (name: string) => ({ name, exitCode: 143, reason: 'CannotStartContainerError: dependency graph: container ordering dependency failed' });

  test.each([
    ['databases', [{ name: 'databases', exitCode: 1 }, dependant('migrate'), dependant('admin')]],
    ['databases', [{ name: 'databases', exitCode: 1 }, { name: 'migrate' }, { name: 'admin' }]],
    ['migrate', [{ name: 'databases', exitCode: 0 }, { name: 'migrate', exitCode: 1 }, dependant('admin')]],
    ['admin', [{ name: 'databases', exitCode: 0 }, { name: 'migrate', exitCode: 0 }, { name: 'admin', exitCode: 1 }]],
  ])('the cause is %s, not what depends on it', (container, containers) => {
    const failure = failureOf(ended(shuffled(containers)));

    expect(failure).toEqual({ container, reason: `container ${container} exited with code 1`, passing: false });
  });
});

test('a failure of a container is final even if ECS says that the task did not start: its last container did not', () => {
  const containers = [{ name: 'databases', exitCode: 1 }, { name: 'migrate', exitCode: 143, reason: 'CannotStartContainerError: …' }, { name: 'admin' }];

  expect(failureOf(ended(containers, { stopCode: 'TaskFailedToStart' }))!.passing).toBe(false);
});

test.each([
  ['CannotPullContainerError: pull image manifest has been retried 5 time(s): toomanyrequests: You have reached your pull rate limit', true],
  ['ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue', true],
  ['Capacity is unavailable at this time. Please try again later or in a different availability zone', true],
  ['CannotPullContainerError: ref pull has been retried 1 time(s): failed to resolve ref docker.io/apache/airflow:9: docker.io/apache/airflow:9: not found', false],
  ['CannotPullContainerError: image Manifest does not contain descriptor matching platform \'linux/arm64\'', false],
])('a task that did not start, with "%s", may start later: %s', (stoppedReason, passing) => {
  expect(failureOf(ended([{ name: 'databases' }, { name: 'migrate' }], { stopCode: 'TaskFailedToStart', stoppedReason }))).toEqual({
    container: 'databases', reason: `container databases did not run; task stopped: ${stoppedReason}`, passing,
  });
});

test('a task that somebody has stopped is not started again', () => {
  expect(failureOf(ended([{ name: 'databases' }], { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' }))!.passing).toBe(false);
});

test('a task without containers has failed', () => {
  expect(failureOf({ lastStatus: 'STOPPED' })).toEqual({ container: 'migrate', reason: 'the migration task had no container', passing: false });
});

test.each<[boolean, Task]>([
  [true, { desiredStatus: 'RUNNING', containers: [{ name: 'databases', lastStatus: 'STOPPED', exitCode: 1 }, { name: 'migrate', lastStatus: 'PENDING' }] }],
  [true, { desiredStatus: 'RUNNING', containers: [{ name: 'databases', lastStatus: 'STOPPED' }, { name: 'migrate', lastStatus: 'PENDING' }] }],
  [false, { desiredStatus: 'RUNNING', containers: [{ name: 'databases', lastStatus: 'STOPPED', exitCode: 0 }, { name: 'migrate', lastStatus: 'RUNNING' }] }],
  [false, { desiredStatus: 'STOPPED', containers: [{ name: 'databases', lastStatus: 'STOPPED', exitCode: 1 }] }],
])('a running task has nothing to wait for any more: %s', (lost, task) => {
  expect(isLost(task)).toBe(lost);
});

test('the log to read is that of the container that runs', () => {
  const containers = [{ name: 'admin', lastStatus: 'PENDING' }, { name: 'migrate', lastStatus: 'RUNNING' }, { name: 'databases', lastStatus: 'STOPPED' }];

  expect(currentContainer({ containers })).toBe('migrate');
});
