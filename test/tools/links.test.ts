import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from '../../tools/example';

const REPOSITORY = /^https:\/\/github\.com\/serverless-airflow\/serverless-airflow\/(?:blob|tree)\/main\//;
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf-8'));
const TASKS = Object.keys(JSON.parse(readFileSync(join(ROOT, '.projen/tasks.json'), 'utf-8')).tasks);
const CLI = readFileSync(join(ROOT, 'local/cli.ts'), 'utf-8');

/** A command, and which of it. */
const COMMAND = /(npm run|npx projen|npx serverless-airflow(?:@<version>)?(?: local)?) (?!local\b)([a-z][\w:-]*)/g;

/** Documents that people read; API.md is generated, with anchors of its own. */
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...markdownBelow('docs'), ...markdownBelow('examples')];

test('there are documents', () => {
  expect(DOCUMENTS.length).toBeGreaterThan(50);
});

test.each(DOCUMENTS)('what %s links to is there', document => {
  const links = [...withoutCode(text(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link.replace('https://raw.githubusercontent.com/serverless-airflow/serverless-airflow/main/', `${ROOT}/`));
  expect(links.filter(link => !isThere(document, link))).toEqual([]);
});

test.each(DOCUMENTS)('the commands that %s names exist', document => {
  expect([...text(document).matchAll(COMMAND)].filter(([, kind, name]) => !exists(kind, name)).map(([command]) => command)).toEqual([]);
});

test('a broken link, a missing heading and an unknown command are found', () => {
  expect(['local.md', 'local.md#permissions', 'nothing.md', 'local.md#nothing', 'https://github.com/serverless-airflow/serverless-airflow/blob/main/nothing.md']
    .map(link => isThere('docs/first-hour.md', link))).toEqual([true, true, false, false, false]);
  expect([...'npm run nothing, npx projen nothing, npx serverless-airflow local nothing, npx serverless-airflow cost'.matchAll(COMMAND)]
    .map(([, kind, name]) => exists(kind, name))).toEqual([false, false, false, true]);
});


function exists(program: string, name: string): boolean {
  switch (program) {
    case 'npm run': return name in PACKAGE.scripts;
    case 'npx projen': return TASKS.includes(name);
    default: return CLI.includes(`.command('${name}'`);
  }
}

/** Whether a file of this repository has what is linked; other sites are not asked. */
function isThere(document: string, link: string): boolean {
  const local = link.replace(REPOSITORY, `${ROOT}/`);
  if (/^\w+:/.test(local)) { return true; }
  const [path, anchor] = local.split('#');
  const file = path === '' ? join(ROOT, document) : resolve(ROOT, dirname(document), path);
  if (!existsSync(file)) { return false; }
  return anchor === undefined || headings(readFileSync(file, 'utf-8')).includes(anchor);
}

/** As GitHub makes them. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

/** Snippets have what looks like links. */
function withoutCode(markdown: string): string {
  return markdown.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
}

function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf-8' })
    .filter(name => name.endsWith('.md') && !name.includes('node_modules')).map(name => join(folder, name)).sort();
}

function text(document: string): string {
  return readFileSync(join(ROOT, document), 'utf-8');
}
