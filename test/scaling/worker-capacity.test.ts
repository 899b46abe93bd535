import { Token } from 'aws-cdk-lib';
import { WorkerCapacity } from '../../src';

function strategies(capacity: WorkerCapacity) {
  return capacity._strategies?.map(({ capacityProvider, base = 0, weight }) => [capacityProvider, base, weight]);
}

test('on-demand capacity needs no strategy', () => {
  expect(strategies(WorkerCapacity.onDemand())).toBeUndefined();
});

test('Spot alone, or beside on-demand capacity', () => {
  expect(strategies(WorkerCapacity.spot())).toEqual([['FARGATE_SPOT', 0, 1]]);
  expect(strategies(WorkerCapacity.spot({ onDemandBase: 2 }))).toEqual([['FARGATE', 2, 0], ['FARGATE_SPOT', 0, 1]]);
  expect(strategies(WorkerCapacity.spot({ onDemandWeight: 1, spotWeight: 4 }))).toEqual([['FARGATE', 0, 1], ['FARGATE_SPOT', 0, 4]]);
});

test('tokens pass', () => {
  expect(() => WorkerCapacity.spot({ onDemandBase: Token.asNumber({ Ref: 'Base' }) })).not.toThrow();
});

test.each([
  [{ onDemandBase: -1 }, 'property onDemandBase must be a whole number from 0 to 100000, got -1'],
  [{ onDemandWeight: 1001 }, 'property onDemandWeight must be a whole number from 0 to 1000, got 1001'],
  [{ spotWeight: 0 }, 'property spotWeight must be a whole number from 1 to 1000, got 0'],
  [{ spotWeight: 1.5 }, 'property spotWeight must be a whole number from 1 to 1000, got 1.5'],
  [{ spotWeight: '1' as any }, 'property spotWeight must be a number, got "1"'],
])('fails for %j', (options, message) => {
  expect(() => WorkerCapacity.spot(options)).toThrow(message);
});
