import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/example';
import { checkContent, NEEDED } from '../../../tools/languages/package-content';

test('every handler and every program of the sources has to be in the package', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf-8' });
  const bundles = sources.filter(name => name.endsWith('.lambda.ts')).map(name => `assets/${name.replace('.ts', '/index.js')}`);
  const programs = sources.filter(name => name.endsWith('.py')).map(name => `assets/${name}`);

  expect(bundles.length).toBeGreaterThan(1);
  expect([...bundles, ...programs].filter(name => !NEEDED.includes(name))).toEqual([]);
});

test('a missing file, one that is of no use, and too many bytes are found', () => {
  expect(checkContent(NEEDED, 1_000_000)).toEqual([]);
  expect(checkContent([...NEEDED.slice(1), 'src/index.ts', 'local/cli.ts'], 1_000_001)).toEqual([
    '.jsii is missing in the npm package', 'src/index.ts is in the npm package', 'local/cli.ts is in the npm package',
    'the npm package has 1000001 bytes, more than 1000000',
  ]);
});
