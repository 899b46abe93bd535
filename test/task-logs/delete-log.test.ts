import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DELETE_LOG } from '../../src/task-logs/delete-log';
import { scratchFolder } from '../local/scratch-folder';

// Airflow is a stand-in whose handler is as that of its provider for AWS.
const folder = scratchFolder();
const HANDLER = `
import os, pathlib, shutil
class S3RemoteLogIO:
    def __init__(self, base_log_folder, delete_local_copy, works=True):
        self.base_log_folder, self.delete_local_copy, self.works = pathlib.Path(base_log_folder), delete_local_copy, works
    def upload(self, path, ti=None):
        local_loc = self.base_log_folder.joinpath(path)
        if local_loc.is_file():
            if self.works and self.delete_local_copy: shutil.rmtree(os.path.dirname(local_loc))
            elif self.works: local_loc.write_text('')
`;
const SCENARIO = `
import json, sys
logs = Path(sys.argv[1])
def left(tries, path, **options):
    task = logs / 'task_id=a'
    task.mkdir(parents=True)
    for number in tries: (task / f'attempt={number}.log').write_text('a line')
    S3RemoteLogIO(logs, **{'delete_local_copy': True, **options}).upload(path)
    found = {file.name: file.read_text() for file in task.iterdir()} if task.exists() else None
    import shutil; shutil.rmtree(task, ignore_errors=True)
    return found
first = 'task_id=a/attempt=1.log'
print(json.dumps([left([1, 2], first), left([1], first), left([1], logs / first), left([1], first, works=False), left([1], first, delete_local_copy=False), left([2], first)]))
`;

test('an uploaded log goes alone, with its folder only if that is empty', () => {
  const module = join(folder, 'airflow/providers/amazon/aws/log');
  mkdirSync(module, { recursive: true });
  writeFileSync(join(module, 's3_task_handler.py'), HANDLER);

  const output = execFileSync('python3', ['-c', `${DELETE_LOG}\n${SCENARIO}`, join(folder, 'logs')], { encoding: 'utf-8', env: { PATH: process.env.PATH, PYTHONPATH: folder } });

  expect(JSON.parse(output)).toEqual([
    { 'attempt=2.log': 'a line' }, // of the next try, which has begun
    null,
    null, // by its whole path
    { 'attempt=1.log': 'a line' }, // could not be uploaded
    { 'attempt=1.log': '' }, // is not to be deleted
    { 'attempt=2.log': 'a line' }, // of a try without a log
  ]);
});
