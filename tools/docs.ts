/** Writes the documents that are made of the code itself. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS } from './docs/documents';

for (const [name, render] of Object.entries(DOCUMENTS)) {
  const file = join(__dirname, '..', name);
  writeFileSync(file, render(existsSync(file) ? readFileSync(file, 'utf-8') : ''));
  console.log(name);
}
