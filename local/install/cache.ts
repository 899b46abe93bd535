import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { makeUserFolder } from '../user-folder';

export interface Installation {
  /** `airflow-3.3.2`: the beginning of the folder's name, and what progress messages call it. */
  readonly what: string;
  /** Everything the content depends on: a change gives another folder. */
  readonly key: string;
  /** What the progress line says: size or duration. */
  readonly hint: string;
  install(folder: string): Promise<void>;
}

export type Progress = (line: string) => void;

/**
 * The folder of an installation in the user's cache, made on first use. A marker file written last tells a complete one from
 * one that was interrupted; a lock makes a second process wait instead of installing beside the first.
 */
export async function cached(installation: Installation, progress: Progress, signal?: AbortSignal): Promise<string> {
  const { what, key, hint } = installation;
  const folder = join(cacheHome(), `${what}-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`);
  const marker = join(folder, '.complete');
  if (existsSync(marker)) {
    return folder;
  }
  makeUserFolder(cacheHome());
  const release = await acquire(folder, () => progress(`waiting for another process that installs ${what}`), signal);
  try {
    if (!existsSync(marker)) {
      progress(`installing ${what} (${hint}, once)`);
      const start = Date.now();
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await installation.install(folder);
      await writeFile(marker, '');
      progress(`installed ${what} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    }
  } finally {
    await release();
  }
  return folder;
}

export function cacheHome(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'serverless-airflow');
}

async function acquire(folder: string, onWait: () => void, signal?: AbortSignal): Promise<() => Promise<void>> {
  const attempt = async () => lock(folder, { realpath: false, stale: 15_000, update: 5_000 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ELOCKED') {
      throw error;
    }
    return undefined;
  });
  for (let release = await attempt(), told = false; ; release = await attempt()) {
    if (release) {
      return release;
    }
    if (!told) onWait();
    told = true;
    await sleep(300, undefined, { signal });
  }
}
