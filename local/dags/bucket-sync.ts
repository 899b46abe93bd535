import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Exclusion } from './exclusion';

export interface Destination {
  readonly bucket: string;
  /** Without slash at its ends; empty for the whole bucket. */
  readonly prefix: string;
}

export interface SyncResult {
  /** Keys. */
  readonly uploaded: string[];
  readonly deleted: string[];
}

/** Requests at a time. */
const CONCURRENCY = 8;

/** Makes the objects below the prefix equal to files (by key relative to the prefix); an object that is equal already is not written again. */
export async function syncFiles(
  files: ReadonlyMap<string, string>, { bucket, prefix }: Destination, s3: S3Client, options: { prune: boolean },
): Promise<SyncResult> {
  const keyPrefix = prefix === '' ? '' : `${prefix}/`;
  const present = new Map<string, string>();
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: keyPrefix })) {
    page.Contents?.forEach(({ Key, ETag }) => present.set(Key!, ETag!.replaceAll('"', '')));
  }
  // before the uploads: who reads the objects into a folder meanwhile must not find a file where a folder has to be
  const superfluous = options.prune ? [...present.keys()].filter(key => !files.has(key.slice(keyPrefix.length))) : [];
  await eachOf(superfluous, Key => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key })));
  const uploaded: string[] = [];
  await eachOf([...files], async ([relative, file]) => {
    const Key = keyPrefix + relative;
    const Body = await unlessGone(readFile(file));
    if (Body === undefined) return; // its end is the next change
    // the ETag of an object that was written at once is the MD5 of its content
    if (present.get(Key) !== createHash('md5').update(Body).digest('hex')) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      uploaded.push(Key);
    }
  });
  return { uploaded: uploaded.sort(), deleted: superfluous.sort() };
}

/** Files of a folder by their path in it, with `/` on every system. */
export async function filesOf(folder: string, exclusion = new Exclusion([])): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const visit = async (below: string): Promise<void> => {
    const listing = readdir(join(folder, below));
    for (const name of (below === '' ? await listing : await unlessGone(listing)) ?? []) {
      const path = below === '' ? name : `${below}/${name}`;
      const file = join(folder, path);
      // a link that leads nowhere is nobody's file: some editors mark open files so
      const stats = exclusion.covers(path) ? undefined : await unlessGone(stat(file));
      if (stats?.isDirectory()) {
        await visit(path);
      } else if (stats && !exclusion.covers(path, 'file')) {
        files.set(path, file);
      }
    }
  };
  await visit('');
  return files;
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code!)) throw error;
    return undefined;
  });
}

async function eachOf<T>(items: readonly T[], action: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await action(item);
    }
  }));
}
