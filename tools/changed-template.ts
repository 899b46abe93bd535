import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Container {
  readonly Name: string;
  Command?: unknown;
  Environment?: { Name: string; Value: unknown }[];
}

interface Template {
  readonly Resources: Record<string, { readonly Properties?: { readonly ContainerDefinitions?: Container[] } }>;
}

/** The template of the cloud assembly, as somebody changes it between two deployments. */
export class ChangedTemplate {
  private readonly file: string;
  private readonly original: string;

  constructor(cloudAssembly: string) {
    this.file = join(cloudAssembly, readdirSync(cloudAssembly).find(name => name.endsWith('.template.json'))!);
    this.original = readFileSync(this.file, 'utf-8');
  }

  /** A change adds to earlier ones. */
  container(name: string, change: (container: Container) => void): void {
    const template = JSON.parse(readFileSync(this.file, 'utf-8')) as Template;
    const containers = Object.values(template.Resources).flatMap(({ Properties }) => Properties?.ContainerDefinitions ?? []);
    const found = containers.find(({ Name }) => Name === name);
    if (!found) throw new Error(`no container ${name}: there are ${containers.map(({ Name }) => Name).join(', ')}`);
    change(found);
    writeFileSync(this.file, JSON.stringify(template));
  }

  /** Sets a variable that is there, or adds it. */
  variable(container: string, name: string, value: unknown): void {
    this.container(container, definition => {
      definition.Environment = [...(definition.Environment ?? []).filter(variable => variable.Name !== name), { Name: name, Value: value }];
    });
  }

  keep(): () => void {
    const kept = readFileSync(this.file, 'utf-8');
    return () => writeFileSync(this.file, kept);
  }

  restore(): void {
    writeFileSync(this.file, this.original);
  }
}
