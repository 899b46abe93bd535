import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { DeleteObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { minimatch } from 'minimatch';

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
  const uploaded: string[] = [];
  await eachOf([...files], async ([relative, file]) => {
    const Key = keyPrefix + relative;
    const Body = await readFile(file);
    // the ETag of an object that was written at once is the MD5 of its content
    if (present.get(Key) !== createHash('md5').update(Body).digest('hex')) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      uploaded.push(Key);
    }
  });
  const superfluous = options.prune ? [...present.keys()].filter(key => !files.has(key.slice(keyPrefix.length))) : [];
  await eachOf(superfluous, Key => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key })));
  return { uploaded: uploaded.sort(), deleted: superfluous.sort() };
}

/** Files of a folder by their path in it, with `/` on every system. */
export async function filesOf(folder: string, exclude: readonly string[] = []): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const visit = async (below: string): Promise<void> => {
    for (const name of await readdir(join(folder, below))) {
      const path = posix.join(below, name);
      if (isExcluded(path, exclude)) {
        continue;
      }
      const file = join(folder, path);
      if ((await stat(file)).isDirectory()) {
        await visit(path);
      } else {
        files.set(path, file);
      }
    }
  };
  await visit('');
  return files;
}

/** As CDK's asset staging reads glob patterns: the last one that matches decides, `!` includes again. */
export function isExcluded(path: string, exclude: readonly string[]): boolean {
  const relative = path.split(sep).join('/');
  return exclude.reduce((excluded, pattern) => {
    const matches = minimatch(relative, pattern, { matchBase: true, flipNegate: true });
    return matches ? !pattern.startsWith('!') : excluded;
  }, false);
}

async function eachOf<T>(items: readonly T[], action: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await action(item);
    }
  }));
}
