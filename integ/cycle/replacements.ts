import { deepStrictEqual, strictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { cdk } from './cdk';
import type { Checks } from '../../tools/checks';

const STATEFUL = ['AWS::KMS::Key', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'Custom::FernetKey'];

/** Step 8: an upgrade from the newest release keeps every resource that holds data. */
export async function keepState(checks: Checks, folder: string, name: string): Promise<void> {
  const assembly = path.join('integ', `integ.${name}.ts.snapshot`);
  const file = `${assembly}/integ-${name}.template.json`;
  const released = newestRelease() ?? 'HEAD';
  const since = released === 'HEAD' ? 'the committed snapshot (there is no release yet)' : released;

  await checks.that(`cdk diff of integ.${name} from ${since}: no resource that holds data is replaced or removed`, async () => {
    const template = path.join(folder, `released-${name}.template.json`);
    writeFileSync(template, git('show', `${released}:${file}`));
    const { code, output } = await cdk(assembly, 'diff', `integ-${name}`, '--template', template);
    strictEqual(code, 0, output);
    deepStrictEqual(lostState(output), []);
  });
}

/** Lines of a diff that say that a resource with data is removed or (perhaps) replaced. */
export function lostState(diff: string): string[] {
  return diff.split('\n').filter(line => STATEFUL.some(type => line.includes(` ${type} `)) && (line.startsWith('[-]') || /\breplaced?$/.test(line.trim())));
}

function newestRelease(): string | undefined {
  return git('tag', '--list', 'v*', '--sort=-version:refname').split('\n')[0] || undefined;
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf-8', maxBuffer: 64 * 1024 * 1024 });
}
