import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependencies } from '../../../local/data/npm/package.json';

const SRC = join(__dirname, '../../../src');

test('handlers of the library find every client of the AWS SDK that they import, and there is no other', () => {
  const imported = readdirSync(SRC, { recursive: true, encoding: 'utf-8' })
    .filter(file => file.endsWith('.ts'))
    .flatMap(file => [...readFileSync(join(SRC, file), 'utf-8').matchAll(/^import \{.*\} from '(@aws-sdk\/.+)';$/gm)])
    .map(([, name]) => name);

  expect(Object.keys(dependencies).sort()).toEqual([...new Set(imported)].sort());
});
