import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HANDLER_MUTATIONS } from './handlers';
import { SCALING_MUTATIONS } from './scaling';

const MUTATIONS = [...HANDLER_MUTATIONS, ...SCALING_MUTATIONS];

test('each mistake has one place in the source where it can be made', () => {
  const places = ({ file, code }: typeof MUTATIONS[number]) => readFileSync(join(__dirname, '../../src', file), 'utf-8').split(code).length - 1;

  expect(MUTATIONS.filter(mutation => places(mutation) !== 1).map(({ name }) => name)).toEqual([]);
});

test('no two mistakes in the source have the same name', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
