import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS } from '../../../tools/docs/documents';

test.each(Object.keys(DOCUMENTS))('%s is what the code says (npm run docs)', file => {
  expect(readFileSync(join(__dirname, '../../..', file), 'utf-8')).toBe(DOCUMENTS[file]());
});
