import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DagWatcher, syncDagDirectory } from '../../../local/cloudformation';
import { isExcluded } from '../../../local/dags/bucket-sync';
import { AwsStandIn } from '../cloudformation/aws-stand-in';

let aws: AwsStandIn;
let s3: S3Client;
let folder: string;
let objects: Map<string, string>;

beforeEach(async () => {
  aws = await AwsStandIn.start();
  s3 = new S3Client({ endpoint: aws.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  folder = mkdtempSync(join(tmpdir(), 'dag-watcher-test-'));
  objects = new Map();
  aws.buckets.set('bucket', objects);
});
afterEach(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true });
});

const dags = () => ({ directory: folder, exclude: ['__pycache__', '*.pyc'], bucket: 'bucket', prefix: 'dags/main' });

function write(file: string, content: string): void {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), content);
}

describe('a DAG folder', () => {
  test('is made equal to its objects, without what is excluded', async () => {
    write('a.py', 'a');
    write('sub/b.py', 'b');
    write('sub/__pycache__/b.pyc', 'x');
    objects.set('dags/main/a.py', 'a').set('dags/main/gone.py', 'gone');

    const result = await syncDagDirectory(dags(), s3);

    expect(result).toEqual({ uploaded: ['dags/main/sub/b.py'], deleted: ['dags/main/gone.py'] });
    expect(Object.fromEntries(objects)).toEqual({ 'dags/main/a.py': 'a', 'dags/main/sub/b.py': 'b' });
  });

  test('is followed: what is there at the start, changed, new and deleted files', async () => {
    write('a.py', 'one');
    const results: string[] = [];
    let synced = () => {};
    const nextSync = () => new Promise<void>(resolve => { synced = resolve; });
    const first = nextSync();
    const watcher = new DagWatcher([dags()], s3, {
      onSync: (_directory, { uploaded, deleted }) => {
        results.push(`+${uploaded.join()} -${deleted.join()}`);
        synced();
      },
      onError: (_directory, error) => results.push(error.message),
    });
    await first;

    const second = nextSync();
    write('a.py', 'two');
    write('sub/b.py', 'b');
    write('sub/b.pyc', 'x');
    await second;
    const third = nextSync();
    rmSync(join(folder, 'sub'), { recursive: true });
    await third;
    await watcher.close();

    expect(results).toEqual(['+dags/main/a.py -', '+dags/main/a.py,dags/main/sub/b.py -', '+ -dags/main/sub/b.py']);
    expect(Object.fromEntries(objects)).toEqual({ 'dags/main/a.py': 'two' });
  });

  test('goes on after an error', async () => {
    write('a.py', 'one');
    aws.buckets.clear();
    const errors: string[] = [];
    const watcher = await new Promise<DagWatcher>(resolve => {
      const made: DagWatcher = new DagWatcher([dags()], s3, { onError: (_directory, error) => resolve((errors.push(error.name), made)) });
    });
    aws.buckets.set('bucket', objects);

    write('a.py', 'two');
    while (objects.size === 0) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    await watcher.close();

    expect(errors).toHaveLength(1);
    expect(objects.get('dags/main/a.py')).toBe('two');
  });
});

describe('excluding as CDK does', () => {
  test.each<[string, string[], boolean]>([
    ['sub/x.pyc', ['*.pyc'], true],
    ['sub/__pycache__', ['__pycache__'], true],
    ['.git', ['.git'], true],
    ['a.py', ['*.pyc', '.git'], false],
    ['keep.txt', ['*.txt', '!keep.txt'], false],
    ['sub/deep/x.csv', ['sub/**'], true],
    ['x.csv', ['sub/**'], false],
  ])('%s with %j: %s', (path, exclude, expected) => {
    expect(isExcluded(path, exclude)).toBe(expected);
  });
});
