import { installationError, run } from '../../../local/install/run';

test('gives what the program printed', async () => {
  expect(await run('sh', ['-c', 'echo out; echo err >&2'])).toBe('out\nerr\n');
});

test('fails with the last lines of a program that fails', async () => {
  await expect(run('sh', ['-c', 'seq 9; exit 3'])).rejects.toThrow('an installation failed: sh -c seq 9; exit 3\n4\n5\n6\n7\n8\n9');
});

test('ends the program when it is aborted', async () => {
  const abort = new AbortController();
  const running = run('sleep', ['60'], { signal: abort.signal });
  abort.abort();

  await expect(running).rejects.toThrow('The operation was aborted');
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
