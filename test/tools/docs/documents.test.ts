import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS, section } from '../../../tools/docs/documents';

test.each(Object.keys(DOCUMENTS))('%s is what the code says (npm run docs)', file => {
  const document = readFileSync(join(__dirname, '../../..', file), 'utf-8');

  expect(document).toBe(DOCUMENTS[file](document));
});

test('a section is replaced, the rest stays', () => {
  expect(section('a\n<!-- x -->\nold\n<!-- /x -->\nb', 'x', 'new\nlines')).toBe('a\n<!-- x -->\nnew\nlines\n<!-- /x -->\nb');
});

test('fails without the section', () => {
  expect(() => section('a', 'x', 'new')).toThrow('there is no section x');
});
