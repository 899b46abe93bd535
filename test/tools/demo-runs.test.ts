import { describeRuns, lastLine } from '../../tools/demo-runs';

describe('the last line of a log', () => {
  const airflowsOwn = { event: 'Pushing xcom', logger: 'task' };

  test('is what the task printed last, not what Airflow wrote after it', () => {
    expect(lastLine([
      { event: 'one', logger: 'task.stdout' },
      { event: 'two', logger: 'task.stdout' },
      airflowsOwn,
    ])).toBe('two');
  });

  test('is the exception that ended the task', () => {
    expect(lastLine([
      { event: 'one', logger: 'task.stdout' },
      { event: 'Task failed with exception', logger: 'task', error_detail: [{ exc_type: 'ValueError', exc_value: 'no price' }] },
    ])).toBe('ValueError: no price');
  });

  test('is Airflow\'s own where the task printed nothing', () => {
    expect(lastLine([airflowsOwn, { event: '::endgroup::', logger: 'task' }])).toBe('Pushing xcom');
  });
});

test('every try is described with worker, queue, wait and run time, and with its log', () => {
  const task = {
    dag_id: 'orders',
    dag_run_id: 'manual',
    task_id: 'transform',
    map_index: 3,
    state: 'success',
    try_number: 1,
    hostname: '10.0.1.7',
    queue: 'default',
    scheduled_when: '2026-01-01T00:00:00Z',
    start_date: '2026-01-01T00:00:00.500Z',
    end_date: '2026-01-01T00:00:02.750Z',
  };
  const run = { dag_id: 'orders', dag_run_id: 'manual', state: 'success' as const, run_after: '2026-01-01T00:00:00Z' };

  expect(describeRuns([{ run, attempts: [{ task, location: 's3://bucket/attempt=1.log', lastLine: '30 orders' }] }]).split('\n')).toEqual([
    'DAG     task          try  state    worker    queue     wait    run',
    '──────  ────────────  ───  ───────  ────────  ───────  ─────  ─────',
    'orders  transform[3]    1  success  10.0.1.7  default  0.5 s  2.3 s',
    '',
    'Logs, each with the last line that its task wrote:',
    's3://bucket/attempt=1.log',
    '    30 orders',
  ]);
});
