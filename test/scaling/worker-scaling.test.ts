import { Token } from 'aws-cdk-lib';
import { WorkerScaling } from '../../src';

test('a fixed number', () => {
  expect(WorkerScaling.fixed(3)._workers).toBe(3);
  expect(() => WorkerScaling.fixed(Token.asNumber({ Ref: 'Workers' }))).not.toThrow();
});

test.each([
  [-1, 'property workers must be a whole number from 0, got -1'],
  [1.5, 'property workers must be a whole number from 0, got 1.5'],
  ['3' as any, 'property workers must be a number, got "3"'],
])('fails for %j', (workers, message) => {
  expect(() => WorkerScaling.fixed(workers)).toThrow(message);
});
