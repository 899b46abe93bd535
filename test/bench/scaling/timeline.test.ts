import { changes, Sample, timelineTable } from '../../../bench/scaling/timeline';

const nothing: Sample = { seconds: 0, desired: 0, workers: 0, waiting: 0, running: 0, succeeded: 0 };
const samples: Sample[] = [
  nothing,
  { ...nothing, seconds: 2 },
  { ...nothing, seconds: 4.6, desired: 2, waiting: 40 },
  { ...nothing, seconds: 6, desired: 2, waiting: 40 },
  { ...nothing, seconds: 120, succeeded: 40 },
];

test('what is the same as before is told once', () => {
  expect(changes(samples).map(({ seconds }) => seconds)).toEqual([0, 4.6, 120]);
});

test('a moment is a line', () => {
  expect(timelineTable(samples).split('\n')).toEqual([
    ' time  workers desired  running  tasks waiting  running  succeeded',
    '─────  ───────────────  ───────  ─────────────  ───────  ─────────',
    '  0 s                0        0              0        0          0',
    '  5 s                2        0             40        0          0',
    '120 s                0        0              0        0         40',
  ]);
});
