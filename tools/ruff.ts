import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pythonTool } from './python-tools';

/** Lints every Python file with the ruff of `ruff.lock`. */
async function main(): Promise<number> {
  const ruff = await pythonTool('ruff');
  if (!ruff) { return 0; }
  const { status, error } = spawnSync(ruff, ['check', '--no-cache'], { cwd: resolve(__dirname, '..'), stdio: 'inherit' });
  if (error) { throw error; }
  return status ?? 1;
}

main().then(status => { process.exitCode = status; }, (error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
