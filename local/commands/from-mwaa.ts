import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors';
import { appFiles, type AppLanguage } from '../mwaa/app-files';
import { readEnvironment, readSubnets } from '../mwaa/environment';
import { plan } from '../mwaa/plan';

export interface FromMwaaOptions {
  readonly output?: string;
  readonly language: AppLanguage;
  readonly subnets?: string;
}

/** Writes the app that replaces an environment of MWAA. */
export async function fromMwaa(file: string, { output, language, subnets }: FromMwaaOptions): Promise<number> {
  const environment = readEnvironment(file);
  const wanted = environment.NetworkConfiguration?.SubnetIds ?? [];
  const planned = plan(environment, subnets === undefined ? undefined : readSubnets(subnets, wanted));
  const folder = resolve(output ?? environment.Name);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new UserError(`${folder} is not empty: give another folder with --output`);
  }
  const files = appFiles(environment, planned, language);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  console.log(`${folder}: ${Object.keys(files).join(', ')}\n\nNot the same, or without a counterpart:`);
  planned.notes.forEach(note => console.log(`  - ${note.replaceAll(/[`*]/g, '')}`));
  console.log(`\nWhat to do next stands in ${join(folder, 'MIGRATION.md')}.`);
  return 0;
}
