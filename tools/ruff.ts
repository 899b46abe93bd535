import { spawnSync } from 'child_process';
import { join, resolve } from 'path';
import { UserError } from '../local/errors';
import { findPython, virtualEnvironment } from '../local/install/python';

/** Lints every Python file with the ruff of `ruff.lock`, which is installed into the user's cache on first use. Without Python a line says so. */
async function main(): Promise<number> {
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const python = await findPython().catch((error: Error) => {
    if (!(error instanceof UserError)) { throw error; }
    progress(`ruff skipped: ${error.message}`);
    return undefined;
  });
  if (!python) { return 0; }
  const environment = await virtualEnvironment('ruff', '30 MB', python, progress, { lockFile: join(__dirname, 'ruff.lock') });
  const { status, error } = spawnSync(join(environment, 'bin/ruff'), ['check', '--no-cache'], { cwd: resolve(__dirname, '..'), stdio: 'inherit' });
  if (error) { throw error; }
  return status ?? 1;
}

void main().then(status => { process.exitCode = status; });
