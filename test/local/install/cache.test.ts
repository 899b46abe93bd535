import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cached, type Installation } from '../../../local/install/cache';
import { environmentVariable } from '../../environment-variable';
import { scratchFolder } from '../scratch-folder';

environmentVariable('XDG_CACHE_HOME', scratchFolder());

let installed = 0;
const lines: string[] = [];
const progress = (line: string) => lines.push(line);

function installation(what: string, more: Partial<Installation> = {}): Installation {
  return {
    what,
    key: 'lock file',
    hint: '1 MB',
    install: async folder => {
      installed += 1;
      await sleep(50);
      writeFileSync(join(folder, 'content'), what);
    },
    ...more,
  };
}

beforeEach(() => {
  installed = 0;
  lines.length = 0;
});

test('installs once and says so', async () => {
  const first = await cached(installation('once'), progress);
  const second = await cached(installation('once'), progress);

  expect(second).toBe(first);
  expect(readFileSync(join(first, 'content'), 'utf-8')).toBe('once');
  expect(installed).toBe(1);
  expect(lines).toEqual(['installing once (1 MB, once)', expect.stringMatching(/^installed once in \d+\.\d s$/)]);
});

test('another key is another folder', async () => {
  const folders = [await cached(installation('key'), progress), await cached(installation('key', { key: 'newer lock file' }), progress)];

  expect(new Set(folders).size).toBe(2);
  expect(installed).toBe(2);
});

test('an interrupted installation is made again from nothing', async () => {
  const interrupted = installation('interrupted', {
    install: async folder => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('interrupted');
    },
  });
  await expect(cached(interrupted, progress)).rejects.toThrow('interrupted');

  const folder = await cached(installation('interrupted'), progress);

  expect(readdirSync(folder).sort()).toEqual(['.complete', 'content']);
});

test('a second one waits for the first instead of installing beside it', async () => {
  const both = await Promise.all([cached(installation('shared'), progress), cached(installation('shared'), progress)]);

  expect(both[0]).toBe(both[1]);
  expect(installed).toBe(1);
  expect(lines).toContain('waiting for another process that installs shared');
});

test('does not take the folder of an installation that was killed', async () => {
  const folder = await cached(installation('killed'), progress);
  mkdirSync(`${folder}.lock`); // what a killed process leaves; it is stale after a while

  expect(await cached(installation('killed'), progress)).toBe(folder);
});

test('does not go on waiting for another one when it is aborted', async () => {
  const folder = await cached(installation('aborted'), progress);
  rmSync(join(folder, '.complete'));
  mkdirSync(`${folder}.lock`);
  const abort = new AbortController();
  const waiting = cached(installation('aborted'), () => abort.abort(), abort.signal);

  await expect(waiting).rejects.toThrow('The operation was aborted');
});
