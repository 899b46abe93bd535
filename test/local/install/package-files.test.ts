import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { packageFile } from '../../../local/install/package-files';

const DATA = ['airflow-3.3.2.lock', 'npm/package-lock.json', 'npm/package.json', 'services.lock', 'uv.lock'];

test('finds the data files from the sources', () => {
  expect(DATA.map(file => packageFile(`data/${file}`)).filter(file => !existsSync(file))).toEqual([]);
});

test('the published package has what the runner reads, and none of its sources', () => {
  const packed = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf-8', cwd: resolve(__dirname, '../../..') }));
  const files = (packed as [{ files: { path: string }[] }])[0].files.map(({ path }) => path).filter(path => path.startsWith('local/'));

  expect(files).toEqual(expect.arrayContaining([
    ...DATA.map(file => `local/data/${file}`),
    'local/lambda/lambda-runtime.js',
    'local/ecs/redis_cli.py',
    'local/isolation/loopback/sitecustomize.py',
    'local/install/supervisor.py',
  ]));
  expect(files.filter(file => file.endsWith('.ts'))).toEqual([]);
});

test.each(['airflow-3.3.2.lock', 'services.lock', 'uv.lock'])('%s names a hash for each package and no index', lock => {
  const lines = readFileSync(packageFile(`data/${lock}`), 'utf-8').split('\n');
  const packages = lines.map((line, index) => ({ line, next: lines[index + 1] })).filter(({ line }) => /^[\w.-]+==/.test(line));

  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter(({ next }) => !next.startsWith('    --hash=sha256:'))).toEqual([]);
  expect(lines.filter(line => line.includes('://'))).toEqual([]);
});

test('the npm lock file has integrity hashes and names no registry', () => {
  const { packages } = JSON.parse(readFileSync(packageFile('data/npm/package-lock.json'), 'utf-8')) as {
    packages: Record<string, { integrity?: string; resolved?: string }>;
  };
  const dependencies = Object.entries(packages).filter(([path]) => path !== '').map(([, value]) => value);

  expect(dependencies.filter(({ integrity, resolved }) => integrity === undefined || resolved !== undefined)).toEqual([]);
});
