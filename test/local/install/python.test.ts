import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from '../../../local/install/python';
import { scratchFolder } from '../scratch-folder';

const folder = scratchFolder();

/** Programs on a PATH of their own that answer the probe with this version; none: they fail, like a shim or a Python without venv. */
function pythons(name: string, programs: Record<string, string | undefined>): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  for (const [program, version] of Object.entries(programs)) {
    const file = join(bin, program);
    const answer = JSON.stringify({ executable: file, version, prefix: '/usr' });
    writeFileSync(file, version === undefined ? '#!/bin/sh\nexit 127\n' : `#!/bin/sh\necho '${answer}'\n`);
    chmodSync(file, 0o755);
  }
  return bin;
}

test('prefers 3.12, which the official image has', async () => {
  const bin = pythons('prefer', { 'python3.11': '3.11.2', 'python3.12': '3.12.1', 'python3.13': '3.13.0', 'python3': '3.11.2' });

  expect((await findPython({ PATH: bin })).version).toBe('3.12.1');
});

test('passes over shims and other versions', async () => {
  const bin = pythons('shims', { 'python3.12': undefined, 'python3': '3.9.2', 'python': '3.13.4' });

  expect((await findPython({ PATH: bin })).version).toBe('3.13.4');
});

test('takes the one that the user names', async () => {
  const bin = pythons('named', { 'python3.12': '3.12.1', 'mine': '3.11.9' });

  expect((await findPython({ PATH: bin, SERVERLESS_AIRFLOW_PYTHON: join(bin, 'mine') })).version).toBe('3.11.9');
});

test('fails with what to install when there is none', async () => {
  const bin = pythons('none', { python3: '3.10.13' });

  await expect(findPython({ PATH: bin })).rejects.toThrow(
    /^no Python 3\.12, 3\.13, 3\.11 with the modules venv and ensurepip is on the PATH: (sudo apt-get install python3 python3-venv|brew install python@3\.12), or set SERVERLESS_AIRFLOW_PYTHON to one$/,
  );
});

test('fails when the named one cannot be used', async () => {
  const bin = pythons('old', { old: '3.8.1' });

  await expect(findPython({ PATH: bin, SERVERLESS_AIRFLOW_PYTHON: join(bin, 'old') })).rejects.toThrow(/^SERVERLESS_AIRFLOW_PYTHON is .*\/old, which is not a Python 3\.12, 3\.13, 3\.11/);
});

test('looks no further when it is aborted', async () => {
  const bin = pythons('aborted', { python3: '3.12.1' });

  await expect(findPython({ PATH: bin }, AbortSignal.abort())).rejects.toThrow('This operation was aborted');
});
