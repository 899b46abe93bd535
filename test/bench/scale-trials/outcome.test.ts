import { isGood, outcomeOf, outcomeTable } from '../../../bench/scale-trials/outcome';
import { TaskInstance } from '../../../local/airflow-api';

const NOTHING = { waiting: 0, taken: 0 };
const task = (state: string | null, attempt = 1) => ({ state, try_number: attempt }) as TaskInstance;
const outcome = (tasks: TaskInstance[], starts = tasks.length, messages = NOTHING, before = NOTHING, workerKilled = false) =>
  outcomeOf('deployment', true, workerKilled, tasks, starts, messages, before);

test('all is well where each task has succeeded, started once, and left nothing', () => {
  const good = outcome([task('success'), task('success')]);

  expect(good).toEqual({ kind: 'deployment', hit: true, tasks: 2, lost: 0, killed: 0, retried: 0, twice: 0, stuck: 0 });
  expect(isGood(good)).toBe(true);
});

test.each([
  ['a task that has not ended is lost', outcome([task('success'), task('queued'), task(null, 0)], 1), { lost: 2 }],
  ['one that has failed was killed', outcome([task('failed')]), { killed: 1 }],
  ['so was one that was tried again', outcome([task('success', 2)], 2), { killed: 1, retried: 0 }],
  ['one that started again in the same try', outcome([task('success')], 2), { twice: 1 }],
  ['a message that nobody acknowledges is stuck', outcome([task('success')], 1, { waiting: 0, taken: 1 }), { stuck: 1 }],
  ['so is one that waits', outcome([task('success')], 1, { waiting: 1, taken: 0 }), { stuck: 1 }],
])('%s', (_, bad, expected) => {
  expect(bad).toMatchObject(expected);
  expect(isGood(bad)).toBe(false);
});

test('a worker that was killed has its tasks tried again; a task that fails then is still too many', () => {
  expect(outcome([task('success'), task('success', 2)], 3, NOTHING, NOTHING, true)).toMatchObject({ killed: 0, retried: 1, twice: 0 });
  expect(isGood(outcome([task('failed', 2)], 2, NOTHING, NOTHING, true))).toBe(false);
});

test('what was stuck before is no news', () => {
  expect(outcome([task('success')], 1, { waiting: 0, taken: 1 }, { waiting: 0, taken: 1 })).toMatchObject({ stuck: 0 });
});

test('Redis that nobody can ask is not empty', () => {
  expect(isGood(outcome([task('success')], 1, { waiting: NaN, taken: NaN }))).toBe(false);
});

test('a kind is a line, and all of them are the last one', () => {
  const lines = outcomeTable([outcome([task('success')]), { ...outcome([task('failed')]), hit: false }]).split('\n');

  expect(lines.map(line => line.split(/ {2,}/))).toEqual([
    ['what happens', 'trials', 'in time', 'tasks', 'lost', 'killed', 'stuck', 'started twice', 'tried again'],
    expect.anything(),
    ['deployment', '2', '1', '2', '0', '1', '0', '0', '0'],
    ['all', '2', '1', '2', '0', '1', '0', '0', '0'],
  ]);
});
