import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunLock, runningPid } from '../../../local/engine/run-lock';
import { scratchFolder } from '../scratch-folder';

const scratch = scratchFolder();

function folder(name: string): string {
  const path = join(scratch, name);
  mkdirSync(path);
  return path;
}

test('a second one is refused with the process id of the first', async () => {
  const run = folder('taken');
  const lock = await RunLock.acquire(run);

  await expect(RunLock.acquire(run)).rejects.toThrow(`it is already running (process ${process.pid})`);
  expect(await runningPid(run)).toBe(process.pid);

  lock.release();
  expect(await runningPid(run)).toBeUndefined();
});

test('of two at once exactly one gets it', async () => {
  const run = folder('race');
  const results = await Promise.allSettled([RunLock.acquire(run), RunLock.acquire(run)]);

  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  results.forEach(result => result.status === 'fulfilled' && result.value.release());
});

test('a process that was killed holds nothing', async () => {
  const run = folder('killed');
  const holder = spawn(process.execPath, ['-e', `require('net').createServer(c => c.end('1')).listen(${JSON.stringify(join(run, 'up.sock'))}, () => console.log('up'))`]);
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await once(holder, 'exit');

  (await RunLock.acquire(run)).release();
});

test('one that hangs is found by its process id', async () => {
  const run = folder('hangs');
  writeFileSync(join(run, 'up.pid'), '4711');
  const script = `require('net').createServer(c => c.end('1')).listen(${JSON.stringify(join(run, 'up.sock'))}, () => console.log('up'))`;
  const holder = spawn(process.execPath, ['-e', script]);
  await once(holder.stdout, 'data');
  holder.kill('SIGSTOP');

  expect(await runningPid(run)).toBe(4711);
  holder.kill('SIGKILL');
});
