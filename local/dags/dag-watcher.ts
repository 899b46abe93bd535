import { relative } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { watch } from 'chokidar';
import { filesOf, syncFiles, type Destination, type SyncResult } from './bucket-sync';
import { Exclusion } from './exclusion';

/** A source folder of DAGs and where its files are in S3. */
export interface DagDirectory extends Destination {
  /** Absolute. */
  readonly directory: string;
  /** Patterns of `.gitignore`. */
  readonly exclude: readonly string[];
}

export interface DagWatcherOptions {
  readonly onSync?: (dagDirectory: DagDirectory, result: SyncResult) => void;
  /** Once, until it works again. */
  readonly onError: (dagDirectory: DagDirectory, error: Error) => void;
  /** After a failure. @default 5000 */
  readonly retryMilliseconds?: number;
}

/** An editor writes a file in several steps, and saves several files at once. */
const SETTLE_MILLISECONDS = 200;

/** Uploads changed files of the source folder and deletes what is no longer there. */
export async function syncDagDirectory(dagDirectory: DagDirectory, s3: S3Client): Promise<SyncResult> {
  return syncFiles(await filesOf(dagDirectory.directory, new Exclusion(dagDirectory.exclude)), dagDirectory, s3, { prune: true });
}

/** Keeps S3 equal to the source folders while a run goes on. */
export class DagWatcher {
  private readonly watchers;
  private readonly timers = new Map<DagDirectory, NodeJS.Timeout>();
  private readonly syncs = new Map<DagDirectory, Promise<void>>();
  private readonly failed = new Map<DagDirectory, Error>();
  private closed = false;

  constructor(dagDirectories: readonly DagDirectory[], private readonly s3: S3Client, private readonly options: DagWatcherOptions) {
    this.watchers = dagDirectories.map(dagDirectory => {
      const { directory, exclude } = dagDirectory;
      const exclusion = new Exclusion(exclude);
      // the first listing counts as changes too: a file may have changed after synthesis
      return watch(directory, { ignored: path => path !== directory && exclusion.covers(relative(directory, path)) })
        .on('all', () => this.schedule(dagDirectory))
        .on('error', error => this.fail(dagDirectory, error as Error));
    });
  }

  /** Resolves when uploads that have begun are done. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.watchers.map(watcher => watcher.close()));
    this.timers.forEach(timer => clearTimeout(timer));
    await Promise.all(this.syncs.values());
  }

  /** Folders whose last upload failed, and why. */
  get failures(): ReadonlyMap<DagDirectory, Error> {
    return this.failed;
  }

  private schedule(dagDirectory: DagDirectory, delay = SETTLE_MILLISECONDS): void {
    clearTimeout(this.timers.get(dagDirectory));
    this.timers.set(dagDirectory, setTimeout(() => {
      const earlier = this.syncs.get(dagDirectory) ?? Promise.resolve();
      this.syncs.set(dagDirectory, earlier.then(() => this.sync(dagDirectory)));
    }, delay));
  }

  private async sync(dagDirectory: DagDirectory): Promise<void> {
    try {
      const result = await syncDagDirectory(dagDirectory, this.s3);
      this.failed.delete(dagDirectory);
      if (result.uploaded.length + result.deleted.length > 0) {
        this.options.onSync?.(dagDirectory, result);
      }
    } catch (error) {
      this.fail(dagDirectory, error as Error);
    }
  }

  /** Nothing may change for a long time: it is tried again without a change. */
  private fail(dagDirectory: DagDirectory, error: Error): void {
    if (this.closed) return;
    if (this.failed.get(dagDirectory)?.message !== error.message) this.options.onError(dagDirectory, error);
    this.failed.set(dagDirectory, error);
    this.schedule(dagDirectory, this.options.retryMilliseconds ?? 5000);
  }
}
