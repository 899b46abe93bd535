import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from './scratch-folder';
import { UserError } from '../../local/errors';
import { makeUserFolder } from '../../local/user-folder';

const scratch = scratchFolder();

test('is made with those above it, for this user alone', () => {
  makeUserFolder(join(scratch, 'a', 'b'));
  makeUserFolder(join(scratch, 'a', 'b'));

  expect([scratch, join(scratch, 'a')].map(folder => readdirSync(folder))).toEqual([['a'], ['b']]);
  expect(statSync(join(scratch, 'a', 'b')).mode % 0o1000).toBe(0o700);
});

test('one that is there stays as it is', () => {
  mkdirSync(join(scratch, 'open'), { mode: 0o755 });
  makeUserFolder(join(scratch, 'open'));

  expect(statSync(join(scratch, 'open')).mode % 0o1000).toBe(0o755);
});

test('a place that takes none is refused at once', () => {
  writeFileSync(join(scratch, 'file'), '');

  expect(() => makeUserFolder('/proc/a/b')).toThrow(new UserError('/proc/a cannot be made: no folder can be made there'));
  expect(() => makeUserFolder(join(scratch, 'file', 'b'))).toThrow(expect.objectContaining({ code: 'EEXIST', path: join(scratch, 'file') }));
});
