import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { filesOf } from '../../../local/dags/bucket-sync';
import { Exclusion } from '../../../local/dags/exclusion';
import { DagSource, ServerlessAirflow } from '../../../src';
import { scratchFolder } from '../scratch-folder';

const scratch = scratchFolder();
const FILES = [
  '.airflowignore', '.gitignore', '.hidden/dag.py', '.pyc.py', '.x.pyc', 'a.pyc', 'dag.py', 'data', 'fixtures/x.csv', 'keep.txt', 'other.txt', 'sub/.secret', 'sub/a.pyc',
  'sub/fixtures/x.csv', 'sub/tests/test_dag.py', 'sub/top_only.py', 'sub/deep/x.csv', 'tests/test_dag.py', 'top_only.py', 'with space.py', 'ümlaut.py',
];
const dags = mkdtempSync(join(scratch, 'dags-'));
for (const file of FILES) {
  mkdirSync(dirname(join(dags, file)), { recursive: true });
  // Airflow's own file is for Airflow, wherever it reads the folder, and Git's for Git: neither leaves out anything of the upload
  writeFileSync(join(dags, file), file.endsWith('ignore') ? 'sub/\ndata\n' : file);
}

/** Patterns, and what they leave out besides what is always left out. */
const TABLE: [string[], string[]][] = [
  [[], []],
  [['/top_only.py'], ['top_only.py']],
  [['top_only.py'], ['sub/top_only.py', 'top_only.py']],
  [['tests/'], ['sub/tests/test_dag.py', 'tests/test_dag.py']],
  [['/tests'], ['tests/test_dag.py']],
  [['**/fixtures/'], ['fixtures/x.csv', 'sub/fixtures/x.csv']],
  [['sub/**'], ['sub/.secret', 'sub/a.pyc', 'sub/deep/x.csv', 'sub/fixtures/x.csv', 'sub/tests/test_dag.py', 'sub/top_only.py']],
  [['sub/*.py'], ['sub/top_only.py']],
  [['*.txt', '!keep.txt'], ['other.txt']],
  [['!keep.txt', '*.txt'], ['keep.txt', 'other.txt']],
  [['sub/', '!sub/deep/x.csv'], ['sub/.secret', 'sub/a.pyc', 'sub/deep/x.csv', 'sub/fixtures/x.csv', 'sub/tests/test_dag.py', 'sub/top_only.py']],
  [['*', '!*.py'], FILES.filter(file => !/^[^/]*\.py$/.test(file))],
  [['*', '!dag.py', '!.airflowignore'], FILES.filter(file => file !== 'dag.py' && file !== '.airflowignore')],
  [['.*'], ['.airflowignore', '.gitignore', '.hidden/dag.py', '.pyc.py', '.x.pyc', 'sub/.secret']],
  [['# comment', '', '  ', 'dag.py '], ['dag.py', '.hidden/dag.py']],
  [['with space.py', 'ü*'], ['with space.py', 'ümlaut.py']],
  [['?eep.txt', '[o]ther.txt'], ['keep.txt', 'other.txt']],
  [['DAG.PY'], ['dag.py', '.hidden/dag.py']],
];

/** One deployment of the folder for each row of the table. */
const app = new App({ outdir: mkdtempSync(join(scratch, 'cdk.out-')) });
const sources = TABLE.map(([exclude], index) => DagSource.directory(dags, { name: `row-${index}`, exclude }));
const airflow = new ServerlessAirflow(new Stack(app, 'Test'), 'Airflow', { dags: sources });
const assembly = app.synth().directory;
const DESCRIPTION = 'serverless-airflow:dag-directory';
const directories = airflow.node.findAll().filter(({ node }) => node.metadata.some(({ type }) => type === DESCRIPTION));

describe.each(TABLE.map(([exclude, leftOut], index) => [exclude, leftOut, index] as const))('exclude %j', (_, leftOut, index) => {
  const directory = directories.find(({ node }) => node.id === `row-${index}`)!;

  test('leaves the same out of the asset and of the local run', async () => {
    const asset = directory.node.findAll().find(child => child instanceof Asset && child.node.id === 'Asset1') as Asset;
    const { exclude } = directory.node.metadata.find(({ type }) => type === DESCRIPTION)!.data as { exclude: string[] };

    const expected = FILES.filter(file => !file.endsWith('.pyc') && !leftOut.includes(file)).sort();
    expect([...(await filesOf(resolve(assembly, asset.assetPath))).keys()].sort()).toEqual(expected);
    expect([...(await filesOf(dags, new Exclusion(exclude))).keys()].sort()).toEqual(expected);
  });
});
