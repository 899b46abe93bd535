import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { clearRunFolder, engineSocket, untilEngineHasEnded } from '../../../local/engine/run-folder';
import { RunLock } from '../../../local/engine/run-lock';
import { findPython } from '../../../local/install/python';
import { superviseCommand } from '../../../local/install/supervise';
import { processes } from '../../../tools/processes';
import { scratchFolder } from '../scratch-folder';
import { until } from '../until';

const scratch = scratchFolder();

function folder(name: string): string {
  const path = join(scratch, name);
  mkdirSync(path);
  return path;
}

/** A command that leaves a detached process behind and hangs itself, in the care of a supervisor. */
async function hanging(run: string, seconds: string): Promise<ChildProcess> {
  const [command, ...args] = superviseCommand(await findPython(), engineSocket(run));
  const child = spawn(command, [...args, 'sh', '-c', `setsid sleep ${seconds} & kill -STOP $$`], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  await until('it runs', () => alive(`sleep ${seconds}`).length > 0);
  return child;
}

const alive = (command: string) => processes().filter(process => process.command === command);

test('an engine has ended when nothing of it is left, though it hangs and its parent is gone', async () => {
  const run = folder('ended');
  const engine = await hanging(run, '300.25');
  let ended = false;
  const waiting = untilEngineHasEnded(run).then(() => ended = true);
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(ended).toBe(false);

  (engine.stdio[3] as Duplex).destroy(); // as the kernel does when `up` is killed
  await waiting;

  expect(alive('sleep 300.25')).toEqual([]);
});

test('a supervisor that is killed takes its command with it', async () => {
  const run = folder('killed');
  const engine = await hanging(run, '300.5');
  const [{ pid }] = processes().filter(({ parent }) => parent === engine.pid);
  engine.kill('SIGKILL');

  await until('the command has ended', () => !processes().some(process => process.pid === pid && !process.command.endsWith('<defunct>')));
  await untilEngineHasEnded(run);
  alive('sleep 300.5').forEach(left => process.kill(left.pid, 'SIGKILL'));
});

test('sockets of a killed run are removed, the lock is not', async () => {
  const run = folder('sockets');
  const lock = await RunLock.acquire(run);
  mkdirSync(join(run, 'database-123456'));
  for (const name of ['http-0.sock', 'control.sock', 'engine.sock', 'database-123456/.s.PGSQL.5432.lock']) {
    writeFileSync(join(run, name), '');
  }

  await clearRunFolder(run);

  expect(readdirSync(run).sort()).toEqual(['up.pid', 'up.sock']);
  lock.release();
});
