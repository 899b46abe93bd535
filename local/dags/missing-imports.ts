import { readFile } from 'node:fs/promises';
import { filesOf } from './bucket-sync';
import type { DagDirectory } from './dag-watcher';
import { Exclusion } from './exclusion';
import { missingModules } from '../install/official-image';

/** One sentence for each file that imports what the official image has and the local run has not: its error here is none on AWS. */
export async function missingImports({ directory, exclude }: DagDirectory): Promise<string[]> {
  const missing = missingModules();
  const files = [...await filesOf(directory, new Exclusion(exclude))].filter(([path]) => path.endsWith('.py'));
  const sentences = await Promise.all(files.map(async ([path, file]) => {
    const imports = importsOf(await readFile(file, 'utf-8').catch(() => ''));
    return missing.filter(module => imports.some(name => name === module || name.startsWith(`${module}.`)))
      .map(module => `${path} imports ${module}, which the official image has and this run has not: what fails for this reason does not fail on AWS`);
  }));
  return sentences.flat();
}

/** As far as a line tells: `import a.b`, `import a, b as c`, `from a.b import c`, which may be a module too. */
function importsOf(source: string): string[] {
  return [...source.matchAll(/^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?([^\n#]*)|import[ \t]+([^\n#]+))/gm)].flatMap(([, from, names, modules]) => {
    const list = (names ?? modules).split(',').map(name => name.trim().split(/\s/)[0].replace(')', ''));
    return from === undefined ? list : [from, ...list.map(name => `${from}.${name}`)];
  });
}
