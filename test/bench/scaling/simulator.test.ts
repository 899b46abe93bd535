import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findPython } from '../../../local/install/python';

test('the simulation in which the packaged scaler is compared', async () => {
  const { executable } = await findPython();
  const { status, stderr } = spawnSync(executable, [join(__dirname, 'simulator_test.py')], { encoding: 'utf-8' });

  expect([status, stderr]).toEqual([0, expect.stringMatching(/^Ran 9 tests/m)]);
});
