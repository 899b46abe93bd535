import { sep } from 'node:path';
import ignore from 'ignore';

/** Which files are not uploaded: patterns of `.gitignore`, read as CDK's asset staging reads them (`IgnoreMode.GIT`). */
export class Exclusion {
  private readonly rules;

  constructor(patterns: readonly string[]) {
    this.rules = ignore().add(patterns);
  }

  /**
   * Whether it and whatever may be below it is left out. CDK asks this first of everything, as if it were a folder, and then the
   * remaining files as what they are.
   *
   * @param path relative to the root of the patterns
   */
  covers(path: string, as: 'folder' | 'file' = 'folder'): boolean {
    const relative = path.split(sep).join('/');
    return this.rules.ignores(as === 'folder' ? `${relative}/` : relative);
  }
}
