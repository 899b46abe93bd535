import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CreateBucketCommand, GetObjectCommand, HeadBucketCommand, paginateListObjectsV2, PutObjectCommand, type BucketLocationConstraint, type S3Client,
} from '@aws-sdk/client-s3';

/** Name of a file while it is written; no key begins like this, `%` is encoded. */
const UNFINISHED = '%unfinished-';

/** After the name of an object's file where the key is the beginning of another one's path as well, which no file system allows. */
const BESIDE_FOLDER = '%object';

/** Keeps S3 objects as plain files (`<folder>/<bucket>/<key>`): moto forgets them, and a user can look at task logs there. */
export class S3Mirror {
  private placing: Promise<void> = Promise.resolve();

  constructor(private readonly client: S3Client, private readonly folder: string, private readonly region: string) {}

  async restore(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const bucket of await readdir(this.folder)) {
      await this.client.send(new CreateBucketCommand({
        Bucket: bucket,
        // us-east-1 is the one region that must not be named
        ...this.region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: this.region as BucketLocationConstraint } },
      }));
      for (const [key, file] of await this.filesOf(bucket)) {
        const { size } = await stat(file);
        await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: size }));
      }
    }
  }

  /** To be called after each successful request that may have changed something. */
  async onRequest(method: string, path: string): Promise<void> {
    const [, bucket, ...segments] = path.split('/');
    const key = segments.map(decodeURIComponent).join('/');
    if (!bucket || method === 'GET' || method === 'HEAD') {
      return;
    }
    if (key) {
      await this.syncObject(bucket, key);
    } else {
      await this.syncBucket(bucket);
    }
  }

  /** Path of an object's file; undefined if there is no such object. */
  find(bucket: string, key: string): string | undefined {
    const file = this.file(bucket, key);
    return [file, file + BESIDE_FOLDER].find(path => statSync(path, { throwIfNoEntry: false })?.isFile());
  }

  private async syncObject(bucket: string, key: string): Promise<void> {
    const file = this.file(bucket, key);
    const object = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch(absent);
    if (!object) {
      await this.remove(bucket, file);
      return;
    }
    const unfinished = join(this.folder, bucket, `${UNFINISHED}${randomUUID()}`);
    await pipeline(object.Body as Readable, createWriteStream(unfinished, { mode: 0o600 }));
    await this.place(unfinished, file);
  }

  /** One after the other: two of them may need the same name, for a file and for a folder. */
  private async place(unfinished: string, file: string): Promise<void> {
    this.placing = this.placing.catch(() => {}).then(async () => {
      for (let folder = dirname(file); folder !== this.folder; folder = dirname(folder)) {
        if (await isA('file', folder)) await rename(folder, folder + BESIDE_FOLDER);
      }
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const isFolder = await isA('folder', file);
      await rename(unfinished, isFolder ? file + BESIDE_FOLDER : file);
      if (!isFolder) await rm(file + BESIDE_FOLDER, { force: true });
    });
    await this.placing;
  }

  private async remove(bucket: string, file: string): Promise<void> {
    await rm(file + BESIDE_FOLDER, { force: true });
    if (!await isA('folder', file)) await rm(file, { force: true });
    await this.removeEmptyFolders(bucket, dirname(file));
  }

  /** A bucket that was made or removed, or from which several objects were deleted with one request. */
  private async syncBucket(bucket: string): Promise<void> {
    if (!await this.client.send(new HeadBucketCommand({ Bucket: bucket })).catch(absent)) {
      await rm(join(this.folder, bucket), { recursive: true, force: true });
      return;
    }
    await mkdir(join(this.folder, bucket), { recursive: true, mode: 0o700 });
    const present = new Set<string>();
    for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket: bucket })) {
      page.Contents?.forEach(object => present.add(object.Key!));
    }
    for (const [key, file] of await this.filesOf(bucket)) {
      if (!present.has(key)) await this.remove(bucket, file);
    }
  }

  private async removeEmptyFolders(bucket: string, start: string): Promise<void> {
    for (let folder = start; folder.startsWith(join(this.folder, bucket) + sep); folder = dirname(folder)) {
      try {
        await rmdir(folder);
      } catch {
        return; // not empty, or never made
      }
    }
  }

  /** By key. What a killed run has left unfinished is removed. */
  private async filesOf(bucket: string): Promise<Map<string, string>> {
    const root = join(this.folder, bucket);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = new Map<string, string>();
    for (const file of entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))) {
      const path = relative(root, file);
      if (path.startsWith(UNFINISHED)) await rm(file, { force: true });
      else files.set((path.endsWith(BESIDE_FOLDER) ? path.slice(0, -BESIDE_FOLDER.length) : path).split(sep).map(segmentOf).join('/'), file);
    }
    return files;
  }

  private file(bucket: string, key: string): string {
    return join(this.folder, bucket, ...key.split('/').map(fileName));
  }
}

/** Readable; what a file system would misunderstand is encoded: `.` and `..`, and an empty segment as `%`. */
function fileName(segment: string): string {
  if (segment === '') {
    return '%';
  }
  return /^\.+$/.test(segment) ? segment.replaceAll('.', '%2E') : segment.replaceAll('%', '%25');
}

function segmentOf(fileNameOfSegment: string): string {
  return fileNameOfSegment === '%' ? '' : decodeURIComponent(fileNameOfSegment);
}

async function isA(kind: 'file' | 'folder', path: string): Promise<boolean> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    return undefined;
  });
  return stats !== undefined && stats.isDirectory() === (kind === 'folder');
}

function absent(error: unknown): undefined {
  if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== 404) {
    throw error;
  }
}
