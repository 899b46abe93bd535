import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that ships with the package, named relative to `local/`: the same from the bundle (assets/local/cli.js) and from the sources. */
export function packageFile(relative: string): string {
  return join(packageRoot(), 'local', relative);
}

/** The version of the package that this belongs to. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf-8')) as { version: string }).version;
}

function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) {
      throw new Error(`no package.json above ${__dirname}`);
    }
    folder = dirname(folder);
  }
  return folder;
}
