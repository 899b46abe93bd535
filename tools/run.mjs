// `node tools/run.mjs TASK [ARGUMENTS]`: installs the development dependencies where they are missing or older than the
// lock file, then runs the projen task. It is what `npm test` and `npm run demo` start in a fresh clone, so it uses Node.js alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 16)) {
  fail(`Node.js 20.16 or newer is needed, this is ${process.versions.node}`);
}

const marker = join(root, 'node_modules', '.installed-lock');
const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
if (!existsSync(marker) || readFileSync(marker, 'utf-8') !== lock) {
  console.log('Installing development dependencies (half a minute, once) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(marker, lock);
}
run(process.execPath, [join(root, 'node_modules', 'projen', 'bin', 'projen'), task, ...args]);

function run(command, commandArgs) {
  // on Ctrl-C the terminal signals the child as well: wait for it to end in its own way
  process.on('SIGINT', () => undefined);
  const { status, signal, error } = spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) {
    fail(`${command} could not be started: ${error.message}`);
  }
  if (status !== 0) {
    process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
