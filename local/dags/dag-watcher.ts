import { relative } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { watch } from 'chokidar';
import { filesOf, isExcluded, syncFiles, type Destination, type SyncResult } from './bucket-sync';

/** A source folder of DAGs and where its files are in S3. */
export interface DagDirectory extends Destination {
  /** Absolute. */
  readonly directory: string;
  /** Glob patterns of CDK's asset staging. */
  readonly exclude: readonly string[];
}

export interface DagWatcherOptions {
  readonly onSync?: (dagDirectory: DagDirectory, result: SyncResult) => void;
  readonly onError: (dagDirectory: DagDirectory, error: Error) => void;
}

/** An editor writes a file in several steps, and saves several files at once. */
const SETTLE_MILLISECONDS = 200;

/** Uploads changed files of the source folder and deletes what is no longer there. */
export async function syncDagDirectory(dagDirectory: DagDirectory, s3: S3Client): Promise<SyncResult> {
  return syncFiles(await filesOf(dagDirectory.directory, dagDirectory.exclude), dagDirectory, s3, { prune: true });
}

/** Keeps S3 equal to the source folders while a run goes on. */
export class DagWatcher {
  private readonly watchers;
  private readonly timers = new Map<DagDirectory, NodeJS.Timeout>();
  private readonly syncs = new Map<DagDirectory, Promise<void>>();

  constructor(dagDirectories: readonly DagDirectory[], private readonly s3: S3Client, private readonly options: DagWatcherOptions) {
    this.watchers = dagDirectories.map(dagDirectory => {
      const { directory, exclude } = dagDirectory;
      // the first listing counts as changes too: a file may have changed after synthesis
      return watch(directory, { ignored: path => path !== directory && isExcluded(relative(directory, path), exclude) })
        .on('all', () => this.schedule(dagDirectory))
        .on('error', error => this.options.onError(dagDirectory, error as Error));
    });
  }

  /** Resolves when uploads that have begun are done. */
  async close(): Promise<void> {
    await Promise.all(this.watchers.map(watcher => watcher.close()));
    this.timers.forEach(timer => clearTimeout(timer));
    await Promise.all(this.syncs.values());
  }

  private schedule(dagDirectory: DagDirectory): void {
    clearTimeout(this.timers.get(dagDirectory));
    this.timers.set(dagDirectory, setTimeout(() => {
      const earlier = this.syncs.get(dagDirectory) ?? Promise.resolve();
      this.syncs.set(dagDirectory, earlier.then(() => this.sync(dagDirectory)));
    }, SETTLE_MILLISECONDS));
  }

  private async sync(dagDirectory: DagDirectory): Promise<void> {
    try {
      const result = await syncDagDirectory(dagDirectory, this.s3);
      if (result.uploaded.length + result.deleted.length > 0) {
        this.options.onSync?.(dagDirectory, result);
      }
    } catch (error) {
      this.options.onError(dagDirectory, error as Error);
    }
  }
}
