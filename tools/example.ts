import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..');
export const GETTING_STARTED = join(ROOT, 'examples/typescript/getting-started');

/** A copy of the example whose files may be changed. */
export function copyExample(target: string): string {
  rmSync(target, { recursive: true, force: true });
  cpSync(GETTING_STARTED, target, { recursive: true, filter: source => !source.endsWith('cdk.out') && !source.endsWith('__pycache__') });
  return target;
}

/** Runs a CDK app as `cdk synth` would and returns its cloud assembly. `serverless-airflow` is this repository. */
export function synthesize(folder: string, cloudAssembly = join(folder, 'cdk.out'), cwd = ROOT): string {
  execFileSync(process.execPath, [...['ts-node/register/transpile-only', 'tsconfig-paths/register'].flatMap(hook => ['-r', require.resolve(hook)]), join(folder, 'app.ts')], {
    cwd,
    env: { ...process.env, NODE_PATH: join(ROOT, 'node_modules'), TS_NODE_PROJECT: join(ROOT, 'tsconfig.dev.json'), CDK_OUTDIR: cloudAssembly },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return cloudAssembly;
}
