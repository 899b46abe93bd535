import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../errors';
import { cached, type Progress } from './cache';
import { packageFile } from './package-files';
import { run, type RunOptions } from './run';

export interface Python {
  readonly executable: string;
  /** `3.12.1` */
  readonly version: string;
  /** Where the interpreter and its standard library are: containers have to see it. */
  readonly prefix: string;
}

/** What the lock files are made for; 3.12 first, as in the official image. */
const SUPPORTED = ['3.12', '3.13', '3.11'];
const PROBE = 'import json, platform, sys, sysconfig, venv, ensurepip; '
  + 'print(json.dumps({"executable": sys.executable, "version": platform.python_version(), "prefix": sys.base_prefix}))';

const execute = promisify(execFile);

/** A Python that can make virtual environments. `SERVERLESS_AIRFLOW_PYTHON` names another one. */
export async function findPython(environment: NodeJS.ProcessEnv = process.env, signal?: AbortSignal): Promise<Python> {
  const chosen = environment.SERVERLESS_AIRFLOW_PYTHON;
  if (chosen) {
    const python = await probe(chosen, environment, signal);
    if (!python) {
      throw new UserError(`SERVERLESS_AIRFLOW_PYTHON is ${chosen}, which is not a Python ${SUPPORTED.join(', ')} with the modules venv and ensurepip`);
    }
    return python;
  }
  for (const name of [...SUPPORTED.map(version => `python${version}`), 'python3', 'python']) {
    const python = await probe(name, environment, signal);
    if (python) {
      return python;
    }
  }
  const install = process.platform === 'darwin' ? 'brew install python@3.12' : 'sudo apt-get install python3 python3-venv';
  throw new UserError(`no Python ${SUPPORTED.join(', ')} with the modules venv and ensurepip is on the PATH: ${install}, or set SERVERLESS_AIRFLOW_PYTHON to one`);
}

async function probe(command: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Python | undefined> {
  try {
    const { stdout } = await execute(command, ['-c', PROBE], { env, signal });
    const python = JSON.parse(stdout) as Python;
    return SUPPORTED.includes(python.version.split('.').slice(0, 2).join('.')) ? python : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined; // absent, a shim without a version behind it, or one without venv: the next one may do
  }
}

export interface EnvironmentOptions extends RunOptions {
  /** @default - the one in `local/data` */
  readonly lockFile?: string;
}

/** A virtual environment with exactly the content of a lock file. */
export async function virtualEnvironment(
  what: string, hint: string, python: Python, progress: Progress, options: EnvironmentOptions = {},
): Promise<string> {
  const { lockFile = packageFile(`data/${what}.lock`), ...runOptions } = options;
  const uv = await uvExecutable(python, progress, runOptions);
  return cached({
    what,
    hint,
    key: [await readFile(lockFile, 'utf-8'), python.executable, python.version, process.arch].join('\n'),
    install: async folder => {
      await run(python, python.executable, ['-m', 'venv', '--without-pip', folder], runOptions);
      // Containers see the environment read-only: without compiled bytecode every start would cost double.
      await run(python, uv, ['pip', 'install', '--python', join(folder, 'bin', 'python'), '--require-hashes', '--compile-bytecode', '-r', lockFile], {
        ...runOptions,
        env: { ...process.env, UV_NO_PROGRESS: '1', UV_NO_CONFIG: '1' },
      });
    },
  }, progress, options.signal);
}

/** pip takes a minute for Airflow, uv five seconds. */
async function uvExecutable(python: Python, progress: Progress, options: RunOptions): Promise<string> {
  const lockFile = packageFile('data/uv.lock');
  const folder = await cached({
    what: 'uv',
    hint: '25 MB',
    key: [await readFile(lockFile, 'utf-8'), python.executable, python.version, process.arch].join('\n'),
    install: async venv => {
      await run(python, python.executable, ['-m', 'venv', venv], options);
      await run(python, join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', lockFile], options);
    },
  }, progress, options.signal);
  return join(folder, 'bin', 'uv');
}
