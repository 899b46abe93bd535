import type { RunningContainer } from '../../../local/isolation/isolation';
import { KeptRunning } from '../../../local/isolation/kept-running';
import { until } from '../until';

/** Containers that end when the test says so; `ready` decides what becomes of each start. */
function server(ready: (attempt: number) => Promise<void>) {
  const ends: ((code: number) => void)[] = [];
  const told: string[] = [];
  const kept = new KeptRunning({
    name: 'it',
    tell: text => told.push(text),
    start: async () => {
      let end!: (code: number) => void;
      const exited = new Promise<number>(done => end = done);
      ends.push(end);
      return { exited, kill: () => end(137) } as Partial<RunningContainer> as RunningContainer;
    },
    untilReady: async () => ready(ends.length),
  });
  return { kept, ends, told };
}

test('is started again until it works; who needs it waits', async () => {
  const { kept, ends, told } = server(async attempt => {
    if (attempt === 2) throw new Error('not yet');
  });
  await kept.start();
  expect(kept.news).toBeUndefined();

  ends[0](1);
  await until('its end is noticed', () => kept.news !== undefined);
  expect(kept.news).toBe('it does not run (it ended with exit code 1): it is being started again');
  await kept.ready;

  expect(ends).toHaveLength(3);
  expect(told).toEqual([
    'it does not run (it ended with exit code 1): it is being started again',
    'it runs again (started again 1 times, the last time because it could not be started: not yet)',
  ]);
  await kept.stop(container => container.kill());
});

test('is not started again when it is stopped, not even if it is just ending', async () => {
  const { kept, ends, told } = server(async () => {});
  await kept.start();

  await kept.stop(() => ends[0](0));
  expect([ends.length, told]).toEqual([1, []]);

  const other = server(async () => {});
  await other.kept.start();
  other.ends[0](1);
  await until('its end is noticed', () => other.kept.news !== undefined);
  await other.kept.stop(container => container.kill());
  expect(other.ends).toHaveLength(1);
});

test('the first start has to succeed, and leaves nothing behind if it does not', async () => {
  const { kept, ends } = server(async () => {
    throw new Error('never');
  });

  await expect(kept.start()).rejects.toThrow('never');
  expect(ends).toHaveLength(1);
});
