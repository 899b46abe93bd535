import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFolders, isStateFolder, stateFolders } from '../../../local/engine/state';
import { environmentVariable } from '../../environment-variable';
import { scratchFolder } from '../scratch-folder';

const scratch = scratchFolder();
environmentVariable('XDG_STATE_HOME', '/state');

test('each app and stack has a folder of its own', () => {
  const folders = [['/a/cdk.out', 'One'], ['/b/cdk.out', 'One'], ['/a/cdk.out', 'Two'], ['/a/cdk.out', 'One']].map(([app, stack]) => stateFolders(app, stack).state);

  expect(folders[0]).toMatch(/^\/state\/serverless-airflow\/One-[0-9a-f]{8}$/);
  expect(new Set(folders).size).toBe(3);
  expect(folders[3]).toBe(folders[0]);
});

test('sockets are in the state folder, or elsewhere if its path is too long for them', () => {
  expect(stateFolders('/app', 'Stack', '/state').run).toBe('/state/run');
  expect(stateFolders('/app', 'Stack', `/${'long/'.repeat(20)}`).run).toMatch(/\/serverless-airflow-\d+-[0-9a-f]{8}$/);
});

test('folders are for their owner only', () => {
  const folders = stateFolders('/app', 'Stack', join(scratch, 'new'));
  createFolders(folders);
  createFolders(folders);

  expect([folders.state, folders.logs, folders.run].map(folder => statSync(folder).mode % 0o1000)).toEqual([0o700, 0o700, 0o700]);
  expect(isStateFolder(folders.state)).toBe(true);
});

test('fails for a folder with other files, which `down --delete` must never remove', () => {
  const folder = join(scratch, 'documents');
  mkdirSync(folder);
  writeFileSync(join(folder, 'thesis'), '');

  expect(() => createFolders(stateFolders('/app', 'Stack', folder))).toThrow(`${folder} has other files: give --state an empty or a new folder`);
  expect(isStateFolder(folder)).toBe(false);
  expect(existsSync(join(folder, 'logs'))).toBe(false);
});
