/** Writes the documents that are made of the code itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS } from './docs/documents';

for (const [file, render] of Object.entries(DOCUMENTS)) {
  writeFileSync(join(__dirname, '..', file), render());
  console.log(file);
}
