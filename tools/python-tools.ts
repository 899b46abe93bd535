import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../local/errors';
import { findPython, virtualEnvironment, type Python } from '../local/install/python';

/** Installs the Python programs that check this project, each from its hash-locked `tools/<name>.lock`, into the user's cache. */
export async function installPythonTools(): Promise<void> {
  const python = await usablePython();
  const names = readdirSync(__dirname).filter(file => file.endsWith('.lock')).map(file => file.slice(0, -'.lock'.length));
  for (const name of python ? names : []) {
    await environment(name, python!, line => process.stdout.write(`${line}\n`));
  }
}

/** The installed program. It is undefined without a Python that could run it, which a line says; the error says what to do where it is not installed. */
export async function pythonTool(name: string): Promise<string | undefined> {
  const python = await usablePython();
  // the only thing there is to report is an installation that begins, or one that another process is at
  return python && join(await environment(name, python, () => {
    throw new UserError(`${name} is not installed: run "npx projen install-linters"`);
  }), 'bin', name);
}

async function environment(name: string, python: Python, progress: (line: string) => void): Promise<string> {
  return virtualEnvironment(name, 'seconds', python, progress, { lockFile: join(__dirname, `${name}.lock`) });
}

async function usablePython(): Promise<Python | undefined> {
  return findPython().catch((error: Error) => {
    if (!(error instanceof UserError)) { throw error; }
    process.stderr.write(`linters in Python skipped: ${error.message}\n`);
    return undefined;
  });
}
