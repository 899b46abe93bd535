/**
 * Verifies the snapshots of integ/integ.*.ts: the templates that are committed are those that the apps synthesize now.
 * integ-runner, which writes them (`npx projen integ:snapshot`), says the same after loading the CDK and the CDK CLI a dozen times; here all apps
 * share a process. `npx projen integ` shows the differences, and which of them replace something.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import flags from 'aws-cdk-lib/recommended-feature-flags.json';

const INTEG = join(__dirname, '..', 'integ');
const TEMPLATE = '.template.json';

// what integ-runner says to its apps; warnings are the unit tests' subject
process.env.CDK_CONTEXT_JSON = JSON.stringify({ ...flags, 'aws:cdk:enable-path-metadata': false, [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: false });

const output = mkdtempSync(join(tmpdir(), 'snapshots-'));
const apps = readdirSync(INTEG).filter(file => /^integ[.][a-z-]+[.]ts$/.test(file));
void synthesize();

/** An app reads where to write when it is made, and writes when the process has nothing else to do. */
async function synthesize(): Promise<void> {
  for (const app of apps) {
    process.env.CDK_OUTDIR = join(output, app);
    await import(join(INTEG, app));
  }
  process.once('beforeExit', compare); // after theirs
}

function compare(): void {
  const changed = apps.flatMap(app => differences(join(INTEG, `${app}.snapshot`), join(output, app)));
  rmSync(output, { recursive: true });
  changed.forEach(template => console.error(`${template} is not what its app synthesizes`));
  console.log(`${apps.length} apps, ${changed.length ? `${changed.length} templates differ: npx projen integ says how, npx projen integ:snapshot accepts them` : 'as in their snapshots'}`);
  process.exitCode ||= changed.length || apps.length === 0 ? 1 : 0;
}

/** The templates that stand in one folder alone, or otherwise in the other. */
function differences(committed: string, synthesized: string): string[] {
  const templates = new Set([committed, synthesized].flatMap(folder => readdirSync(folder)).filter(file => file.endsWith(TEMPLATE)));
  return [...templates].filter(file => text(committed, file) !== text(synthesized, file)).map(file => join(basename(committed), file));
}

/** Without what changes when no template does: the hashes of programs, and the time that a call of the assertions carries. */
function text(folder: string, file: string): string | undefined {
  if (!existsSync(join(folder, file))) {
    return undefined;
  }
  return readFileSync(join(folder, file), 'utf-8').replace(/\b[0-9a-f]{64}\b/g, 'hash').replace(/"salt": "\d+"/g, '"salt"');
}
