/** `npm run languages`: the package of each language, built, installed and used as its users do; the same app has to give the same template. */
import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { fail } from './fail';
import type { CloudAssembly, Language } from './languages/language';
import { checkPackage } from './languages/package-content';
import { Workshop } from './languages/workshop';
import { table } from './table';

interface Options {
  readonly build: boolean;
  readonly only?: string[];
}

/** What is wrong with an app, and what its author has to read. */
const MISTAKES: Record<string, string> = {
  size: 'property memoryLimitMiB must be 2048 to 8192 in steps of 1024 MiB with cpu 1024, got 1024',
  version: 'property version must be 3.1.0 or newer, got "2.10.5": Airflow 2 reached its end of life on 2026-04-22',
};

/** The source of the apps with mistakes, and the file of the example that it replaces. */
const MISTAKEN: Record<string, [string, string]> = {
  Python: ['app.py', 'app.py'],
  Java: ['GettingStarted.java', 'src/main/java/app/GettingStarted.java'],
};

async function main(options: Options): Promise<void> {
  const workshop = await Workshop.open();
  const rows: string[][] = [];
  const faults: string[] = [];
  try {
    let first: CloudAssembly | undefined;
    for (const language of workshop.languages.filter(({ folder }) => options.only?.includes(folder) ?? true)) {
      const start = Date.now();
      const seconds = () => `${Math.round((Date.now() - start) / 1000)} s`;
      console.log(`${language.name} …`);
      try {
        const skip = workshop.ready(language, options);
        if (skip) {
          rows.push([language.name, '', '', '', `skipped: ${skip}`]);
          continue;
        }
        const assembly = language.synthesize(language.copy('getting-started'));
        const differences = first ? assembly.differences(first) : [];
        first ??= assembly;
        faults.push(...differences.map(file => `${language.name}: ${file} differs from that of the first language`), ...checkMistakes(language));
        const size = `${Math.ceil(language.artifactBytes / 1000)} kB`;
        rows.push([language.name, size, seconds(), fingerprint(assembly), differences.length === 0 ? 'equal' : 'DIFFERENT']);
      } catch (error) {
        const skip = language.unavailable(error as Error);
        rows.push([language.name, '', seconds(), '', skip ? `skipped: ${skip}` : 'FAILED']);
        if (!skip) { faults.push(`${language.name}: ${(error as Error).message}`); }
      }
    }
    faults.push(...checkPackage(workshop.languages[0].artifact));
  } finally {
    workshop.close();
  }
  console.log(`\n${table(['language', 'package', 'time', 'template and assets', ''], rows, ['package', 'time'])}\n`);
  faults.forEach(fault => console.error(fault));
  process.exitCode = faults.length === 0 ? 0 : 1;
}

/** What is wrong with the errors that reach users of this language. */
function checkMistakes(language: Language): string[] {
  if (!(language.name in MISTAKEN)) { return []; }
  const app = language.copy('getting-started', 'mistake');
  const [source, target] = MISTAKEN[language.name];
  copyFileSync(join(__dirname, 'languages/mistakes', source), join(app, target));
  return Object.entries(MISTAKES).flatMap(([mistake, sentence]) => {
    const { status, stderr } = language.fail(app, { MISTAKE: mistake });
    return status !== 0 && stderr.split('\n').some(line => line.endsWith(sentence)) ? [] : [`${language.name}: an app with a wrong ${mistake} does not say "${sentence}", but\n${stderr}`];
  });
}

function fingerprint({ files }: CloudAssembly): string {
  const hash = createHash('sha256');
  Object.values(files).forEach(content => hash.update(content));
  return hash.digest('hex').slice(0, 12);
}

const program = new Command('npm run languages --')
  .description('Builds the packages, installs each into a new app, and compares what the same app gives in every language.')
  .addOption(new Option('--only <languages...>', 'some of them; the first is what the others are compared with').choices(['typescript', 'python', 'java', 'go']))
  .option('--no-build', 'take the packages that are in dist');
main(program.parse().opts<Options>()).catch(fail);
