/**
 * The whole life of deployments, against a local AWS:   npx projen integ:cycle [fernet] [several] [first] [default] [everything]
 *
 * Prints a line for each step; the exit code says whether all of them passed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { changeParts, changeVersion } from './changes';
import { deployTwice } from './deploy';
import { destroyAndReturn } from './destroy';
import { EcsFront } from './ecs-front';
import { keepFernetKey } from './fernet-key';
import { failFirst } from './first-deployment';
import { Life } from './life';
import { requireLocalAws } from './local-aws';
import { failMigrations } from './migration-failures';
import { outlastMigration } from './migration-outlasts';
import { keepState } from './replacements';
import { fuzzSchedules } from './schedule-fuzz';
import { deploySeveral } from './several';
import { Subject, SUBJECTS } from './subject';
import { Checks } from '../../tools/checks';

const CASES: Record<string, (checks: Checks, folder: string) => Promise<void>> = {
  fernet: keepFernetKey,
  several: deploySeveral,
  first: failFirst,
  ...Object.fromEntries(SUBJECTS.map(subject => [subject.name, (checks: Checks, folder: string) => live(subject, checks, folder)])),
};

async function live(subject: Subject, checks: Checks, folder: string): Promise<void> {
  const ecs = await EcsFront.start();
  try {
    const life = new Life(subject, checks, folder, ecs.address);
    if (await deployTwice(life)) {
      await Promise.all([
        fuzzSchedules(life), // other stacks: it uses the time that the CDK command line waits
        changeParts(life)
          .then(() => failMigrations(life))
          .then(() => outlastMigration(life))
          .then(() => changeVersion(life))
          .then(() => destroyAndReturn(life)),
      ]);
    }
  } finally {
    ecs.stop();
  }
  await keepState(checks, folder, subject.snapshot);
}

async function main(names: string[]): Promise<number> {
  const unknown = names.filter(name => !(name in CASES));
  if (unknown.length > 0) {
    throw new Error(`there is no case ${unknown.join(', ')}, only ${Object.keys(CASES).join(', ')}`);
  }
  await requireLocalAws();
  const folder = mkdtempSync(path.join(tmpdir(), 'integ-cycle-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const checks = new Checks();
  for (const name of names.length > 0 ? names : Object.keys(CASES)) {
    checks.section(name);
    await checks.that('all steps ran', () => CASES[name](checks, folder));
  }
  console.log(`\n${checks.summary()}`);
  return checks.failures === 0 ? 0 : 1;
}

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
main(process.argv.slice(2)).then(code => process.exit(code), error => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
