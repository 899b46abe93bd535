import { stripVTControlCharacters } from 'node:util';
import { Checks } from '../../tools/checks';

describe('checks', () => {
  let printed: string[];

  beforeEach(() => {
    printed = [];
    jest.spyOn(console, 'log').mockImplementation(line => printed.push(line));
  });

  afterEach(() => jest.restoreAllMocks());

  test('go on after a failure and count both', async () => {
    const checks = new Checks();
    await checks.that('one', () => undefined);
    await checks.that('two', async () => { throw new Error('because'); });
    await checks.that('three', () => undefined);

    expect(checks.summary()).toBe('2 passed, 1 failed');
    expect(checks.failures).toBe(1);
    expect(printed).toHaveLength(3);
    expect(stripVTControlCharacters(printed[1])).toMatch(/^✗ two \(\d+\.\d s\)\n    because$/);
  });
});
