import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../local/errors';
import { findPython, virtualEnvironment, type Python } from '../local/install/python';

const execute = promisify(execFile);

/** What cfn-lint says about a template. */
export interface LintFinding {
  readonly file: string;
  readonly rule: string;
  readonly level: string;
  readonly message: string;
  /** `Resources/LogicalId/Properties/…` */
  readonly path: string;
}

/**
 * Lints templates with the cfn-lint of `cfn-lint.lock`, which is installed into the user's cache on first use. It is a Python program: without
 * Python nothing is linted, which a line says, and the answer is undefined.
 */
export async function cfnLint(templates: string[]): Promise<LintFinding[] | undefined> {
  const python = await findPython().catch((error: Error) => {
    if (!(error instanceof UserError)) { throw error; }
    process.stderr.write(`cfn-lint skipped: ${error.message}\n`);
    return undefined;
  });
  return python && lint(python, templates);
}

async function lint(python: Python, templates: string[]): Promise<LintFinding[]> {
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const environment = await virtualEnvironment('cfn-lint', '150 MB', python, progress, { lockFile: join(__dirname, 'cfn-lint.lock') });
  const { stdout } = await execute(join(environment, 'bin/cfn-lint'), ['--format', 'json', '--non-zero-exit-code', 'none', '-t', ...templates], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return (JSON.parse(stdout) as any[]).map(({ Filename, Level, Location, Message, Rule }) => (
    { file: Filename, rule: Rule.Id, level: Level, message: Message, path: Location.Path.join('/') }));
}
