import { until } from '../../local/until';

describe('until', () => {
  test('asks until there is an answer', async () => {
    let asked = 0;
    await expect(until('counted', 5, async () => ++asked === 3 ? 'three' : undefined, 1)).resolves.toBe('three');
  });

  test('fails after its time and says what was awaited', async () => {
    await expect(until('the sky is green', 0, async () => undefined, 1)).rejects.toThrow('the sky is green: not within 0 s');
  });
});
