import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pythonTool } from './python-tools';

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

/** Lints templates with the installed cfn-lint. It is a Python program: without Python nothing is linted, and the answer is undefined. */
export async function cfnLint(templates: string[]): Promise<LintFinding[] | undefined> {
  const executable = await pythonTool('cfn-lint');
  return executable === undefined ? undefined : lint(executable, templates);
}

async function lint(executable: string, templates: string[]): Promise<LintFinding[]> {
  const { stdout } = await execute(executable, ['--format', 'json', '--non-zero-exit-code', 'none', '-t', ...templates], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return (JSON.parse(stdout) as any[]).map(({ Filename, Level, Location, Message, Rule }) => (
    { file: Filename, rule: Rule.Id, level: Level, message: Message, path: Location.Path.join('/') }));
}
