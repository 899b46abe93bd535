import { plan, Random, Round, ROUNDS } from '../../../bench/scale-trials/plan';

const ALL = Object.keys(ROUNDS) as Round[];

test('the same seed plans the same, another one does not', () => {
  const [first, again, other] = [1, 1, 2].map(seed => plan(100, new Random(seed), ALL));

  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('every kind of round has its turn before one comes again', () => {
  const planned = plan(48, new Random(3), ALL);

  expect(planned.length).toBe(10);
  expect([planned.slice(0, 5).sort(), planned.slice(5).sort()]).toEqual([[...ALL].sort(), [...ALL].sort()]);
});

test('there are as many trials as wanted, and no round more', () => {
  expect(plan(5, new Random(1), ['a roll-back'])).toEqual(['a roll-back', 'a roll-back']);
  expect(plan(4, new Random(1), ['a roll-back'])).toEqual(['a roll-back']);
});

test('whole numbers are within their bounds, and all of them come', () => {
  const random = new Random(7);
  const numbers = Array.from({ length: 200 }, () => random.whole(2, 5));

  expect([...new Set(numbers)].sort()).toEqual([2, 3, 4, 5]);
});
