import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFRESH } from '../../src/dags/refresh';
import { scratchFolder } from '../local/scratch-folder';

// Airflow is a stand-in that writes files as S3DagBundle does: each beside its place, then onto it, and what is gone from S3 is removed only then.
const folder = scratchFolder();
const BUNDLE = `
import contextlib, os
from pathlib import Path

class S3DagBundle:
    name, bucket_name, prefix, locked = 'dags', 'bucket', 'dags/', 0

    def __init__(self, path): self.path = Path(path)

    @contextlib.contextmanager
    def lock(self):
        self.locked += 1
        try: yield
        finally: self.locked -= 1

    def initialize(self):
        with self.lock(): self.refresh()

    def refresh(self):
        if isinstance(self.objects, Exception): raise self.objects
        for key, text in self.objects.items():
            target = self.path / key
            if not target.parent.exists(): target.parent.mkdir(parents=True, exist_ok=True)
            beside = f'{target}.a1B2'
            Path(beside).write_text(text)
            try: os.rename(beside, target)
            except OSError: os.remove(beside); raise
        for path in [*self.path.rglob('*')]:
            if path.is_file() and str(path.relative_to(self.path)) not in self.objects: path.unlink()
`;
const SCENARIO = `
import json
bundle = S3DagBundle(os.environ['FILES'])
class ImportErrors(list):
    def __call__(self, bundle, text): self.append(text)
errors = write_import_error = ImportErrors()

for bundle.objects in json.loads(os.environ['STEPS']):
    bundle.refresh()
    files = {str(path.relative_to(bundle.path)): path.read_text() for path in bundle.path.rglob('*') if path.is_file()}
    print(files == bundle.objects, len(errors), bundle.locked)

bundle.objects = {'sub': 'nine', 'sub/file': 'ten'}
try: bundle.refresh()
except OSError as error: print(type(error).__name__, 'sub' in str(error), len(errors), bundle.locked)

for bundle.objects in [OSError(28, 'No space left on device'), PermissionError(13, 'Permission denied'), NotADirectoryError(20, 'Not a directory', '/nowhere/at/all')]:
    for fetch in [bundle.initialize, bundle.refresh]:
        try: fetch()
        except OSError as error: print(error, errors[-1] if errors else 'none', bundle.locked, sep=' | ')
`;

function run(component: string) {
  const files = join(folder, component);
  mkdirSync(files);
  const { stdout, stderr } = spawnSync('python3', ['-c', `${REFRESH}\n${SCENARIO}`, component], {
    encoding: 'utf-8',
    env: {
      PATH: process.env.PATH,
      PYTHONPATH: folder,
      FILES: files,
      AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: '[{"classpath":"airflow.providers.amazon.aws.bundles.s3.S3DagBundle"}]',
      STEPS: JSON.stringify([
        { 'data': 'one', 'sub/other': 'two', 'sub/deep/third': 'three' },
        { 'data/x.csv': 'two', 'sub/other/deep/file': 'four', 'sub/deep': 'five' },
        { 'data': 'three', 'sub/other': 'six', 'sub/deep/third/fourth': 'seven' },
        { sub: 'eight' },
      ]),
    },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').slice(0, -1);
}

beforeAll(() => {
  const module = join(folder, 'airflow', 'providers', 'amazon', 'aws', 'bundles');
  mkdirSync(module, { recursive: true });
  writeFileSync(join(module, 's3.py'), BUNDLE);
});

test('a file that becomes a folder, and the other way round, does not stop a refresh; what does is an import error of the DAG processor', () => {
  const refreshed = Array(4).fill('True 0 0');
  const failures = ['[Errno 28] No space left on device', '[Errno 13] Permission denied', "[Errno 20] Not a directory: '/nowhere/at/all'"]
    .flatMap(failure => [failure, failure]);
  const told = ['OSError', 'PermissionError', 'NotADirectoryError']
    .flatMap(error => [error, error]).map((error, index) => `No change of these DAG files reaches Airflow: ${error}: ${failures[index]}`);

  expect(run('dag-processor')).toEqual([...refreshed, 'NotADirectoryError True 1 0', ...failures.map((failure, index) => `${failure} | ${told[index]} | 0`)]);
  // workers have no database to write them to: the task's own log has it
  expect(run('celery')).toEqual([...refreshed, 'NotADirectoryError True 0 0', ...failures.map(failure => `${failure} | none | 0`)]);
});
