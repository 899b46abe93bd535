/** `npm run examples -- --check`: every example alone, with the built packages, as a user who has copied its folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { cfnLint } from './cfn-lint';
import { Checks } from './checks';
import { ROOT } from './example';
import { fail } from './fail';
import type { CloudAssembly, Language } from './languages/language';
import { Workshop } from './languages/workshop';
import { ACCEPTED_CFN_LINT } from '../test/static/accepted-cfn-lint';

interface Options {
  readonly check?: boolean;
  readonly build: boolean;
}

/** Lines of an app that are read in one go. */
const MOST_LINES = 60;


async function main({ check, build }: Options): Promise<void> {
  if (!check) {
    console.log(readFileSync(join(ROOT, 'examples/README.md'), 'utf-8'));
    return;
  }
  const checks = new Checks();
  const workshop = await Workshop.open();
  try {
    const assemblies: Record<string, CloudAssembly> = {};
    for (const language of workshop.languages) {
      checks.section(language.name);
      await checkLanguage(checks, language, workshop.ready(language, { build }), assemblies);
    }
    checks.section('Templates');
    await checkTemplates(checks, Object.values(assemblies));
  } finally {
    workshop.close();
  }
  console.log(`\nexamples: ${checks.summary()}`);
  process.exitCode = checks.failures === 0 ? 0 : 1;
}

async function checkLanguage(checks: Checks, language: Language, skip: string | undefined, assemblies: Record<string, CloudAssembly>): Promise<void> {
  if (skip) {
    console.log(`skipped: ${skip}`);
    return;
  }
  for (const example of readdirSync(join(ROOT, 'examples', language.folder))) {
    await checks.that(`${language.folder}/${example}`, () => {
      const app = language.copy(example);
      checkShape(app);
      const assembly = language.synthesize(app);
      const differences = assemblies[example] ? assembly.differences(assemblies[example]) : [];
      if (differences.length > 0) {
        throw new Error(`not what the same example is in TypeScript: ${differences.join(', ')}`);
      }
      assemblies[example] ??= assembly;
    });
  }
}

/** Short, and with three commands. */
function checkShape(app: string): void {
  for (const source of readdirSync(app, { recursive: true, encoding: 'utf-8' }).filter(name => /^(app\.ts|app\.py|main\.go|src\/.*\.java)$/.test(name))) {
    const lines = readFileSync(join(app, source), 'utf-8').trimEnd().split('\n').length;
    if (lines > MOST_LINES) { throw new Error(`${source} has ${lines} lines, more than ${MOST_LINES}`); }
  }
  const [, commands] = /```sh\n([^`]*)\n```/.exec(readFileSync(join(app, 'README.md'), 'utf-8')) ?? [];
  if (commands?.split('\n').length !== 3) { throw new Error(`README.md begins with three commands, this one with ${JSON.stringify(commands)}`); }
}

async function checkTemplates(checks: Checks, assemblies: CloudAssembly[]): Promise<void> {
  await checks.that('cfn-lint finds nothing in them', async () => {
    const findings = await cfnLint(assemblies.flatMap(({ templates }) => templates));
    const wrong = (findings ?? []).filter(({ rule }) => !ACCEPTED_CFN_LINT.some(accepted => accepted.rule === rule));
    if (wrong.length > 0) {
      throw new Error(wrong.map(({ file, rule, path, message }) => `${file}: ${rule} ${path}: ${message}`).join('\n'));
    }
  });
}

const program = new Command('npm run examples --')
  .description('Lists the examples, or synthesizes and lints all of them.')
  .option('--check', 'synthesize each alone with the built packages, compare the languages, lint the templates')
  .option('--no-build', 'take the packages that are in dist');
main(program.parse().opts<Options>()).catch(fail);
