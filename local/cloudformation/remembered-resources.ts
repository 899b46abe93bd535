import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Properties } from './template';

/** A resource as the last `up` left it. */
export interface RememberedResource {
  readonly type: string;
  /** Dynamic references unresolved: no value of a secret stands here. */
  readonly properties: Properties;
  readonly physicalId: string;
  readonly attributes: Record<string, unknown>;
  /** The handler gave data that must not be shown (`NoEcho`): it is not kept, so the resource is updated every time. */
  readonly noEcho?: boolean;
}

/** What CloudFormation knows of a stack between two deployments, in a file of the state folder. */
export class RememberedResources {
  private readonly file: string;
  private readonly resources: Map<string, RememberedResource>;

  constructor(private readonly folder: string) {
    this.file = join(folder, 'cloudformation.json');
    this.resources = new Map(Object.entries(read(this.file)));
  }

  get(logicalId: string): RememberedResource | undefined {
    return this.resources.get(logicalId);
  }

  logicalIds(): string[] {
    return [...this.resources.keys()];
  }

  set(logicalId: string, resource: RememberedResource): void {
    this.resources.set(logicalId, resource);
    this.write();
  }

  delete(logicalId: string): void {
    this.resources.delete(logicalId);
    this.write();
  }

  /** Whole or not at all: a killed run must not leave half a file. */
  private write(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const temporary = `${this.file}.new`;
    writeFileSync(temporary, JSON.stringify(Object.fromEntries(this.resources), undefined, 2), { mode: 0o600 });
    renameSync(temporary, this.file);
  }
}

function read(file: string): Record<string, RememberedResource> {
  try {
    return JSON.parse(readFileSync(file, 'utf-8')) as Record<string, RememberedResource>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {};
    }
    throw error;
  }
}
