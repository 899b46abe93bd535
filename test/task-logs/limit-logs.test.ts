import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMIT_LOGS } from '../../src/task-logs/limit-logs';
import { scratchFolder } from '../local/scratch-folder';

// The program on a real disk in memory. structlog is a stand-in that writes as it does.
const NAMESPACE = ['unshare', '--user', '--map-root-user', '--mount'];
const able = spawnSync(NAMESPACE[0], [...NAMESPACE.slice(1), 'true']).status === 0;
const folder = scratchFolder();
const STRUCTLOG = `
class BytesLogger:
    __slots__ = ('_file', '_write')
    def __init__(self, file=None): self._file, self._write = file, file.write
    def msg(self, message): self._write(message + b'\\n'); self._file.flush()
`;
const SCENARIO = `
def log(name, *sizes, folder=log_folder):
    with open(folder / name, 'ab') as file:
        logger = structlog.BytesLogger(file)
        for size in sizes: logger.msg(b'x' * size)
    lines = (folder / name).read_bytes().split(b'\\n')[:-1]
    print(name, [f'{len(line) // 1000} kB' if line[:1] == b'x' else json.loads(line)['event'].split(':')[0] for line in lines])
    return lines

import sys
log_folder.mkdir()
log('long', *[1_300_000] * 6)
if 'shared' in str(log_folder): sys.exit()
line = log('long', 1000, 1000)[-1]
print(json.loads(line)['level'], datetime.datetime.fromisoformat(json.loads(line)['timestamp']).tzinfo)
log('of another task', 1000, 1000)
log('elsewhere', *[450_000] * 4, folder=log_folder.parent)
`;

/** On a disk of 8 MiB. */
function run(where: string) {
  mkdirSync(join(folder, where), { recursive: true });
  writeFileSync(join(folder, 'structlog.py'), STRUCTLOG);
  const { stdout, stderr } = spawnSync(NAMESPACE[0], [
    ...NAMESPACE.slice(1), 'sh', '-ec', 'mount -t tmpfs -o size=8m tmpfs "$0"; mkdir -p "$1"; exec python3 -uc "$2"',
    join(folder, 'disk'), join(folder, where), `${LIMIT_LOGS}\n${SCENARIO}`,
  ], { encoding: 'utf-8', env: { PATH: process.env.PATH, PYTHONPATH: folder, AIRFLOW__LOGGING__BASE_LOG_FOLDER: join(folder, where, 'logs') } });
  expect(stderr).toBe('');
  return stdout.split('\n').slice(0, -1);
}

(able ? describe : describe.skip)('where a quarter of the folder is free no more', () => {
  beforeAll(() => mkdirSync(join(folder, 'disk')));

  test('a long log ends, and says so; a short one goes on, and so does what is no log', () => {
    expect(run('disk')).toEqual([
      "long ['1300 kB', '1300 kB', '1300 kB', '1300 kB', '1300 kB', 'The log ends here']",
      "long ['1300 kB', '1300 kB', '1300 kB', '1300 kB', '1300 kB', 'The log ends here', 'The log ends here']",
      'warning UTC',
      "of another task ['1 kB', '1 kB']",
      "elsewhere ['450 kB', '450 kB', '450 kB', '450 kB']",
    ]);
  });

  test('nothing ends on a disk that others have', () => {
    expect(run('disk/shared')).toEqual(["long ['1300 kB', '1300 kB', '1300 kB', '1300 kB', '1300 kB', '1300 kB']"]);
  });
});
