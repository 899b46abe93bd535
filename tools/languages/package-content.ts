import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** What people wait for who install it. */
const LARGEST = 1_000_000;

/** Files that nothing works without: the programs of the template, the local runner and what it reads. */
export const NEEDED = [
  '.jsii', 'LICENSE', 'README.md', 'lib/index.js', 'lib/index.d.ts', 'bin/serverless-airflow',
  'assets/fernet-key/fernet-key.lambda/index.js', 'assets/migration/migration.lambda/index.js',
  'assets/container/forget_secrets.py', 'assets/dags/refresh.py', 'assets/executor/celery_tables.py', 'assets/executor/clean_up.py',
  'assets/executor/flower.py', 'assets/executor/send_again.py', 'assets/migration/admin.py', 'assets/migration/databases.py',
  'assets/scaler/scaler.py', 'assets/task-logs/delete_log.py', 'assets/task-logs/limit_logs.py',
  'assets/local/cli.js', 'assets/local/service-spec.json.gz',
];

/** Folders and kinds of files that are of no use to those who install it. */
const UNWANTED = /^(src|test|integ|examples|docs|bench|tools|node_modules|\.ci|\.github|\.projen)\/|^local\/.*\.ts$|^tsconfig|\.snapshot\/|__pycache__/;

/** What is wrong with the npm package, which all others contain. */
export function checkPackage(tarball: string): string[] {
  const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf-8' }).trim().split('\n').map(name => name.replace(/^package\//, ''));
  return checkContent(files, statSync(tarball).size);
}

export function checkContent(files: string[], bytes: number): string[] {
  return [
    ...NEEDED.filter(name => !files.includes(name)).map(name => `${name} is missing in the npm package`),
    ...files.filter(name => UNWANTED.test(name)).map(name => `${name} is in the npm package`),
    ...bytes > LARGEST ? [`the npm package has ${bytes} bytes, more than ${LARGEST}`] : [],
  ];
}
