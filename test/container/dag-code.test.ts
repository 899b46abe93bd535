import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dagCodeCommand } from '../../src/container/dag-code';
import { scratchFolder } from '../local/scratch-folder';

const folder = scratchFolder();

test('runs programs, then Airflow; what it forks has no secrets in its environment, except the server of its logs', () => {
  mkdirSync(join(folder, 'airflow', 'utils'), { recursive: true });
  writeFileSync(join(folder, 'airflow', 'utils', 'serve_logs.py'), 'def serve_logs(port=8793): import os; print("log server", port, os.environ["FIRST"], flush=True)\n');
  writeFileSync(join(folder, 'airflow', '__main__.py'), [
    'import functools, multiprocessing, os, subprocess, sys',
    'def show(who): print(who, os.environ.get("FIRST"), os.environ.get("SECOND"), os.environ.get("OTHER"), subprocess.getoutput("echo $FIRST$SECOND"), flush=True)',
    'def main():',
    '    print(sys.argv, flush=True)',
    '    show("parent")',
    '    child = multiprocessing.get_context("fork").Process(target=show, args=["child"])',
    '    child.start()',
    '    child.join()',
    '    from airflow.utils.serve_logs import serve_logs',
    '    server = multiprocessing.get_context("fork").Process(target=functools.partial(serve_logs, port=1))',
    '    server.start()',
    '    server.join()',
  ].join('\n'));
  const [command, ...argv] = dagCodeCommand(['celery', 'worker', '--queues', 'a,b'], { secrets: ['FIRST', 'SECOND', 'ABSENT'], programs: ['print(sys.argv[1], "first", flush=True)'] });
  const { stdout, stderr } = spawnSync(command === 'python' ? 'python3' : command, argv, {
    encoding: 'utf-8', env: { PATH: process.env.PATH, PYTHONPATH: folder, FIRST: 'one', SECOND: 'two', OTHER: 'three' },
  });

  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual([
    'celery first',
    "['airflow', 'celery', 'worker', '--queues', 'a,b']",
    'parent one two three onetwo',
    'child None None three ',
    'log server 1 one',
    '',
  ]);
});
