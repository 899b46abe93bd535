import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const REPOSITORY = /^https:\/\/(github\.com\/serverless-airflow\/serverless-airflow\/(blob|tree)|raw\.githubusercontent\.com\/serverless-airflow\/serverless-airflow)\/main\//;
const targets = [...readFileSync(join(ROOT, 'README.md'), 'utf-8').matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);

test('links and pictures of the README work on npm and PyPI, too, which know no folders', () => {
  expect(targets.filter(target => !/^(https:\/\/|#)/.test(target))).toEqual([]);
});

test('what the README links to in the repository is there', () => {
  const files = targets.filter(target => REPOSITORY.test(target)).map(target => target.replace(REPOSITORY, '').replace(/#.*/, ''));

  expect(files.length).toBeGreaterThan(10);
  expect(files.filter(file => !existsSync(join(ROOT, file)))).toEqual([]);
});
