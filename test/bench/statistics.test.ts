import { median, percentile } from '../../bench/statistics';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  test.each([[0, 1], [0.5, 50], [0.95, 95], [1, 100]])('%p of 1 to 100 is %p, whatever their order', (share, value) => {
    expect(percentile(hundred, share)).toBe(value);
  });

  test('of a single value is that value', () => {
    expect(percentile([7], 0.95)).toBe(7);
  });

  test('compares numbers, not text', () => {
    expect(median([9, 10, 100])).toBe(10);
  });

  test('fails without values', () => {
    expect(() => percentile([], 0.5)).toThrow('a percentile needs at least one value');
  });
});
