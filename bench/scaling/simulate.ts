/**
 * What the scaler of the package and three others make of the same loads:   npm run bench:scaling [-- nightly idle …]
 *
 * A simulation of workers on Fargate, in which the packaged program decides. The exit code says whether it keeps its limits.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findPython } from '../../local/install/python';

async function main(): Promise<void> {
  const { executable } = await findPython();
  const { status } = spawnSync(executable, [join(__dirname, 'simulator'), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

void main();
