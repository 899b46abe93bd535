import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findPython, type Python } from '../../../local/install/python';
import { installationError, run } from '../../../local/install/run';
import { processes } from '../../../tools/processes';
import { scratchFolder } from '../scratch-folder';
import { until } from '../until';

const folder = scratchFolder();
let python: Python;
beforeAll(async () => {
  python = await findPython();
});

test('gives what the program printed', async () => {
  expect(await run(python, 'sh', ['-c', 'echo out; echo err >&2'])).toBe('out\nerr\n');
});

test('fails with the last lines of a program that fails', async () => {
  await expect(run(python, 'sh', ['-c', 'seq 9; exit 3'])).rejects.toThrow('an installation failed: sh -c seq 9; exit 3\n4\n5\n6\n7\n8\n9');
});

test('ends the program and what it has started when it is aborted', async () => {
  const abort = new AbortController();
  const started = join(folder, 'started');
  const running = run(python, 'sh', ['-c', `(trap "" TERM; setsid sleep 61.5) & touch ${started}; wait`], { signal: abort.signal });
  await until('it has started', () => existsSync(started));
  abort.abort();

  await expect(running).rejects.toThrow('This operation was aborted');
  expect(processes().filter(({ command }) => command.includes('sleep 61.5'))).toEqual([]);
});

test('starts nothing after it was aborted', async () => {
  await expect(run(python, 'true', [], { signal: AbortSignal.abort() })).rejects.toThrow('This operation was aborted');
});

test.each([
  'npm error code ENOSPC',
  'OSError: [Errno 28] No space left on device',
  'failed to copy: No space left on device (os error 28)',
])('a full disk is one sentence: %s', output => {
  expect(installationError('npm ci', output).message).toMatch(/^the disk is full: [^\n]*free some space and repeat the command$/);
});

test.each([
  'npm error code EAI_AGAIN',
  'error sending request for url\ndns error: failed to lookup address information',
  'Temporary failure in name resolution',
])('no network is one sentence: %s', output => {
  expect(installationError('npm ci', output).message).toMatch(/^the package registry cannot be reached [^\n]*check the network or the proxy settings/);
});
