import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from './errors';

/**
 * A folder where the user wants one, of this user alone, with the folders above it. One by one: Node.js, asked for all of them, tries for ever in /proc,
 * where what is missing cannot be made.
 */
export function makeUserFolder(folder: string): void {
  if (isFolder(folder)) {
    return;
  }
  if (!isFolder(dirname(folder))) {
    makeUserFolder(dirname(folder));
  }
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (isFolder(folder)) { return; } // another process was faster
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') { // its parent is there
      throw new UserError(`${folder} cannot be made: no folder can be made there`);
    }
    throw error;
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
