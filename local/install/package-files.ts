import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that ships with the package, named relative to `local/`: the same from the bundle (assets/local/cli.js) and from the sources. */
export function packageFile(relative: string): string {
  return join(packageRoot(), 'local', relative);
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
