import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackResource } from './resource';
import type { StackStatus } from './stack-events';
import type { Output, Template } from './template';

interface Content {
  readonly status?: StackStatus;
  /** Of the status. */
  readonly reason?: string;
  readonly resources: Record<string, StackResource>;
  /** Replaced or no longer in the template, and not yet deleted. */
  readonly superfluous: readonly StackResource[];
  /** Values of the last deployment that succeeded. */
  readonly outputs?: readonly Output[];
  /** Names of other stacks' exports that it reads. */
  readonly imports?: readonly string[];
  /** How many physical resources each logical id has had; goes on counting after a resource is gone, so that no name comes twice. */
  readonly generations: Record<string, number>;
}

const STACK = 'stack.json';
const TEMPLATE = 'template.json';
const EMPTY: Content = { resources: {}, superfluous: [], generations: {} };

/** What CloudFormation knows of a stack, in files of the state folder, which are written at each change. */
export class StackState {
  private content: Content;
  private deployed?: Template;

  constructor(private readonly folder: string) {
    this.content = read(folder, STACK) ?? EMPTY;
    this.deployed = read(folder, TEMPLATE);
  }

  get status(): StackStatus | undefined {
    return this.content.status;
  }

  get reason(): string | undefined {
    return this.content.reason;
  }

  /** Of the last deployment that succeeded. */
  get template(): Template | undefined {
    return this.deployed;
  }

  get superfluous(): readonly StackResource[] {
    return this.content.superfluous;
  }

  get outputs(): readonly Output[] {
    return this.content.outputs ?? [];
  }

  get imports(): readonly string[] {
    return this.content.imports ?? [];
  }

  get(logicalId: string): StackResource | undefined {
    return this.content.resources[logicalId];
  }

  all(): StackResource[] {
    return Object.values(this.content.resources);
  }

  set(resource: StackResource): void {
    const { logicalId, generation } = resource;
    this.change({
      resources: { ...this.content.resources, [logicalId]: resource },
      generations: { ...this.content.generations, [logicalId]: Math.max(this.nextGeneration(logicalId), generation + 1) },
    });
  }

  delete(logicalId: string): void {
    const { [logicalId]: _deleted, ...resources } = this.content.resources;
    this.change({ resources });
  }

  setStatus(status: StackStatus, reason?: string): void {
    this.change({ status, reason });
  }

  setTemplate(template: Template): void {
    this.deployed = template;
    this.write(TEMPLATE, template);
  }

  setExchange(outputs: readonly Output[], imports: readonly string[]): void {
    this.change({ outputs, imports });
  }

  /** One that has been deleted. */
  forget({ logicalId, generation }: StackResource): void {
    if (this.get(logicalId)?.generation === generation) this.delete(logicalId);
    this.setSuperfluous(this.superfluous.filter(resource => resource.logicalId !== logicalId || resource.generation !== generation));
  }

  setSuperfluous(superfluous: readonly StackResource[]): void {
    this.change({ superfluous });
  }

  /** 0 for the first physical resource of a logical id, and another one after each that was made: what failed or was killed half-way is made again. */
  nextGeneration(logicalId: string): number {
    return this.content.generations[logicalId] ?? 0;
  }

  private change(change: Partial<Content>): void {
    this.content = { ...this.content, ...change };
    this.write(STACK, this.content);
  }

  /** Whole or not at all: a killed run must not leave half a file. */
  private write(name: string, content: unknown): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = join(this.folder, name);
    writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

/** Undefined before the first deployment that succeeded. */
export function deployedTemplate(folder: string): Template | undefined {
  return read(folder, TEMPLATE);
}

function read<T>(folder: string, name: string): T | undefined {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf-8')) as T : undefined;
}
