import { Token } from 'aws-cdk-lib';
import { TriggererScaling } from '../../src';

test('tokens pass', () => {
  const number = Token.asNumber({ Ref: 'Tasks' });

  expect(TriggererScaling.onTriggers({ minTasks: number, maxTasks: 1 })._onTriggers).toEqual({ minTasks: number, maxTasks: 1 });
});

test.each<[any, string]>([
  [{}, 'property maxTasks must be a number, got undefined'],
  [{ maxTasks: 0 }, 'property maxTasks must be a whole number from 1, got 0'],
  [{ minTasks: 0, maxTasks: 1 }, 'property minTasks must be a whole number from 1, got 0'],
  [{ minTasks: 3, maxTasks: 2 }, 'property minTasks must not be greater than maxTasks (2), got 3: lower minTasks or raise maxTasks'],
])('fails for %j', (options, message) => {
  expect(() => TriggererScaling.onTriggers(options)).toThrow(message);
});
