import { figuresTable } from '../../bench/figures';

test('each figure stands beside the one of standalone, their ratio and the target', () => {
  expect(figuresTable([
    { what: 'healthy after', unit: 's', value: 20, standalone: 13.333, target: '≤ 30 s' },
    { what: 'template', unit: 'KB', value: 150.4 },
    { what: '32 tasks', unit: 's', value: 15, standalone: '17 of 32' },
  ]).split('\n')).toEqual([
    'measured          this  standalone   ratio  target',
    '─────────────  ───────  ──────────  ──────  ──────',
    'healthy after  20.00 s     13.33 s  1.50 ×  ≤ 30 s',
    'template        150 KB',
    '32 tasks       15.00 s    17 of 32',
  ]);
});
