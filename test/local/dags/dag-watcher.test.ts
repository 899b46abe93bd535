import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DagWatcher, syncDagDirectory } from '../../../local/cloudformation';
import { AwsStandIn } from '../cloudformation/aws-stand-in';
import { until } from '../until';

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

  test('is tried again after an error, without a change, and until then the error can be asked for', async () => {
    write('a.py', 'one');
    aws.buckets.clear();
    const errors: string[] = [];
    const directory = dags();
    const watcher: DagWatcher = new DagWatcher([directory], s3, { onError: (_directory, error) => errors.push(error.name), retryMilliseconds: 20 });
    const requests = () => aws.requests.length;
    await until('it is tried more than once', () => requests() > 2);
    expect([...watcher.failures.keys()]).toEqual([directory]);
    aws.buckets.set('bucket', objects);

    await until('it is uploaded', () => objects.size > 0 && watcher.failures.size === 0);
    await watcher.close();

    expect(errors).toEqual(['NotFound']);
    expect(objects.get('dags/main/a.py')).toBe('one');
  });

  test('a file may become a folder, and a folder a file: nobody ever sees both', async () => {
    write('data', 'one');
    write('folder/x.csv', 'x');
    await syncDagDirectory(dags(), s3);
    rmSync(join(folder, 'data'));
    rmSync(join(folder, 'folder'), { recursive: true });
    write('data/x.csv', 'two');
    write('folder', 'y');
    aws.requests.length = 0;

    await syncDagDirectory(dags(), s3);

    expect(Object.fromEntries(objects)).toEqual({ 'dags/main/data/x.csv': 'two', 'dags/main/folder': 'y' });
    expect(aws.requests.slice(1).map(request => request.split(' ')[0])).toEqual(['DELETE', 'DELETE', 'PUT', 'PUT']);
  });

  test('a link that leads nowhere is passed over', async () => {
    write('a.py', 'a');
    symlinkSync('somebody@somewhere.1', join(folder, '.#a.py'));

    expect(await syncDagDirectory(dags(), s3)).toEqual({ uploaded: ['dags/main/a.py'], deleted: [] });
  });
});
