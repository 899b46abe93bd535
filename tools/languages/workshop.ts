import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Language } from './language';
import { allLanguages, Go, Java, Python, TypeScript } from './languages';

export interface WorkshopOptions {
  /** Takes what `dist` has. */
  readonly build?: boolean;
}

/** A temporary folder in which every language has its package installed. */
export class Workshop {
  static async open(): Promise<Workshop> {
    const folder = mkdtempSync(join(tmpdir(), 'serverless-airflow-languages-'));
    return new Workshop(folder, await allLanguages(folder));
  }

  private constructor(private readonly folder: string, readonly languages: [TypeScript, Python, Java, Go]) {}

  /** Builds and installs a package. Where that is not possible here it says why. */
  ready(language: Language, { build = true }: WorkshopOptions): string | undefined {
    if (!isOnPath(language.program)) {
      return `${language.program} is not installed`;
    }
    try {
      if (build) { language.build(); }
      language.install();
      return undefined;
    } catch (error) {
      const reason = language.unavailable(error as Error);
      if (reason) { return reason; }
      throw error;
    }
  }

  close(): void {
    this.languages[2].clean();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isOnPath(program: string): boolean {
  return process.env.PATH!.split(delimiter).some(folder => existsSync(join(folder, program)));
}
