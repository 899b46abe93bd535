import { Duration, Token } from 'aws-cdk-lib';
import { WorkerScaling } from '../../src';

test('a fixed number', () => {
  expect([WorkerScaling.fixed(3)._workers, WorkerScaling.fixed(3)._onQueue]).toEqual([3, undefined]);
  expect(() => WorkerScaling.fixed(Token.asNumber({ Ref: 'Workers' }))).not.toThrow();
});

test.each([
  [-1, 'property workers must be a whole number from 0, got -1'],
  [1.5, 'property workers must be a whole number from 0, got 1.5'],
  ['3' as any, 'property workers must be a number, got "3"'],
])('a fixed number fails for %j', (workers, message) => {
  expect(() => WorkerScaling.fixed(workers)).toThrow(message);
});

test('as many as queues need, with its defaults', () => {
  const { _workers, _onQueue } = WorkerScaling.onQueue({ maxWorkers: 20 });

  expect({ _workers, ..._onQueue, scaleInAfter: _onQueue!.scaleInAfter.toSeconds() })
    .toEqual({ _workers: 20, minWorkers: 1, maxWorkers: 20, scaleInAfter: 120, prewarmWorkers: 1 });
});

test.each([
  [{ maxWorkers: 0 }, 'property maxWorkers must be a whole number from 1, got 0'],
  [{}, 'property maxWorkers must be a number, got undefined'],
  [{ minWorkers: -1, maxWorkers: 1 }, 'property minWorkers must be a whole number from 0, got -1'],
  [{ minWorkers: 3, maxWorkers: 2 }, 'property minWorkers must not be greater than maxWorkers (2), got 3: lower minWorkers or raise maxWorkers'],
  [{ maxWorkers: 2, prewarmWorkers: 0.5 }, 'property prewarmWorkers must be a whole number from 0, got 0.5'],
  [{ maxWorkers: 2, scaleInAfter: Duration.seconds(59) }, 'property scaleInAfter must be 60 to 3600 seconds, got 59 seconds'],
  [{ maxWorkers: 2, scaleInAfter: Duration.hours(2) }, 'property scaleInAfter must be 60 to 3600 seconds, got 7200 seconds'],
  [{ maxWorkers: 2, scaleInAfter: Duration.millis(60500) }, 'property scaleInAfter must be whole seconds, got 60.5 seconds'],
])('as many as queues need fails for %#', (options, message) => {
  expect(() => WorkerScaling.onQueue(options as any)).toThrow(message);
});
