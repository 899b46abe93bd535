import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** A mistake in the source of the library. */
export interface SourceMutation {
  readonly name: string;
  /** What would happen on AWS. */
  readonly consequence: string;
  /** Below `src`. */
  readonly file: string;
  readonly code: string;
  readonly replacement: string;
}

export interface TestsOfSource {
  /** Folders that the tests need beside the source. */
  readonly parts: readonly string[];
  /** Below `test`. */
  readonly tests: readonly string[];
}

const ROOT = join(__dirname, '../..');
/** A copy without a mistake, whose tests pass. */
const UNCHANGED = 'unchanged';

/** Runs unit tests on a copy of the library for each mistake. Returns the names of mistakes that a test fails for. */
export function caughtByTests(mutations: readonly SourceMutation[], { parts, tests }: TestsOfSource): Set<string> {
  const folder = join(ROOT, 'build/mutations'); // in the project, because of its node_modules
  rmSync(folder, { recursive: true, force: true });
  try {
    copyTo(join(folder, UNCHANGED), parts);
    mutations.forEach((mutation, index) => copyWith(mutation, join(folder, String(index)), parts));
    const { runner, transform } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf-8')).jest;
    writeFileSync(join(folder, 'jest.config.json'), JSON.stringify({
      testMatch: tests.map(test => `**/test/${test}`), runner, transform, setupFiles: [join(ROOT, 'test/setup.mjs')],
    }));
    const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin/jest'), ['--json', '--config', join(folder, 'jest.config.json')], {
      cwd: ROOT,
      encoding: 'utf-8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const results = stdout && JSON.parse(stdout);
    // a test file that does not run at all proves nothing
    const failed = results?.testResults
      .filter(({ status }: { status: string }) => status === 'failed')
      .map(({ name }: { name: string }) => name.slice(folder.length + 1).split(sep)[0]) as string[] | undefined;
    const complete = results?.testResults.length === tests.length * (mutations.length + 1) && results.numRuntimeErrorTestSuites === 0;
    if (!failed || !complete || failed.includes(UNCHANGED)) {
      const ran = `${results?.testResults.length} files ran, ${results?.numRuntimeErrorTestSuites} did not`;
      throw new Error(`the tests ${tests.join(', ')} of all copies have to run, and pass without a mistake: ${ran}\n${stderr}`);
    }
    return new Set(failed.map(index => mutations[Number(index)].name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyWith({ file, code, replacement }: SourceMutation, folder: string, parts: readonly string[]): void {
  copyTo(folder, parts);
  const source = readFileSync(join(folder, 'src', file), 'utf-8');
  if (source.split(code).length !== 2) {
    throw new Error(`${file} does not have once: ${code}; the mistake has to follow it`);
  }
  writeFileSync(join(folder, 'src', file), source.replace(code, () => replacement));
}

function copyTo(folder: string, parts: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(ROOT, 'assets'), join(folder, 'assets'));
  for (const part of ['src', ...parts]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
}
