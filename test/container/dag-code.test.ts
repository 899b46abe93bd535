import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dagCodeCommand } from '../../src/container/dag-code';
import { scratchFolder } from '../local/scratch-folder';

const folder = scratchFolder();

test('runs programs, then Airflow; what it forks has no passwords in its environment, itself it has', () => {
  mkdirSync(join(folder, 'airflow'));
  writeFileSync(join(folder, 'airflow', '__main__.py'), [
    'import multiprocessing, os, subprocess, sys',
    'def show(who): print(who, os.environ.get("FIRST"), os.environ.get("SECOND"), os.environ.get("OTHER"), subprocess.getoutput("echo $FIRST$SECOND"), flush=True)',
    'def main():',
    '    print(sys.argv, flush=True)',
    '    show("parent")',
    '    child = multiprocessing.get_context("fork").Process(target=show, args=["child"])',
    '    child.start()',
    '    child.join()',
  ].join('\n'));
  const [command, ...argv] = dagCodeCommand(['celery', 'worker', '--queues', 'a,b'], { passwords: ['FIRST', 'SECOND', 'ABSENT'], programs: ['print(sys.argv[1], "first", flush=True)'] });
  const { stdout, stderr } = spawnSync(command === 'python' ? 'python3' : command, argv, {
    encoding: 'utf-8', env: { PATH: process.env.PATH, PYTHONPATH: folder, FIRST: 'one', SECOND: 'two', OTHER: 'three' },
  });

  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual([
    'celery first',
    "['airflow', 'celery', 'worker', '--queues', 'a,b']",
    'parent one two three onetwo',
    'child None None three ',
    '',
  ]);
});
