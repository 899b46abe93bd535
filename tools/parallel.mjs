// `node tools/parallel.mjs TASKS …`: runs lanes at the same time, each of them projen tasks with commas between, one after another.
// The first lane writes as it goes; the others, whatever they have written, when they end. All of them are finished, also where one fails.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const projen = join(root, 'node_modules', 'projen', 'bin', 'projen');
const failed = [];

await Promise.all(process.argv.slice(2).map(async (lane, index) => {
  for (const task of lane.split(',')) {
    if (!await run(task, index === 0)) {
      failed.push(task);
      return; // what follows in the lane may need it
    }
  }
}));
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

async function run(task, live) {
  const start = Date.now();
  const child = spawn(process.execPath, [projen, task], { cwd: root, stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'] });
  const output = [];
  child.stdout?.on('data', chunk => output.push(chunk));
  child.stderr?.on('data', chunk => output.push(chunk));
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  process.stdout.write(`${Buffer.concat(output)}${task}: ${code === 0 ? 'succeeded' : 'failed'} in ${Math.round((Date.now() - start) / 1000)} s\n`);
  return code === 0;
}
