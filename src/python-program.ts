import { readFileSync } from 'node:fs';
import * as path from 'node:path';

/**
 * The text of a Python program that the template contains, copied from `src` to `assets` when the library is bundled, as the handlers are. A comment in
 * a program is a change of the task definition: what it does and why stands where it is read.
 *
 * @param file below `src`
 */
export function pythonProgram(file: string): string {
  return readFileSync(path.join(__dirname, '..', 'assets', file), 'utf-8');
}
