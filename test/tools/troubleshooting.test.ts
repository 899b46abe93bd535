import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../tools/example';

/** Of other programs. */
const FOREIGN = /^error TS/;

const document = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf-8');
const [, ...sections] = document.split('\n## ');
const messages = sections.flatMap(section => [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, message]) => message)).filter(message => !FOREIGN.test(message));

const SOURCES = everythingBelow('src') + everythingBelow('local');
const TESTS = everythingBelow('test');

test('there are rows', () => expect(messages.length).toBeGreaterThan(15));

test.each(messages)('%s is what is said', message => {
  const parts = partsOf(message);
  expect(parts.filter(part => !SOURCES.includes(part))).toEqual([]);
  expect(parts.length).toBeGreaterThan(0);
});

test.each(messages)('%s is reproduced by a test', message => {
  const parts = partsOf(message);
  expect(parts.filter(part => TESTS.includes(part)).length).toBeGreaterThan(0);
});

/** What stands between the values. */
function partsOf(message: string): string[] {
  return message.split('…').map(part => part.replace(/^[^A-Za-z]+|[^A-Za-z]+$/g, '')).filter(part => part.length > 12);
}

function everythingBelow(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf-8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('troubleshooting.test.ts'))
    .map(name => readFileSync(join(ROOT, folder, name), 'utf-8').replaceAll('\\\'', '\'')).join('\n');
}
