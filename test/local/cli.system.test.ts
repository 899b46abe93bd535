import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { buildSync } from 'esbuild';
import { scratchFolder } from './scratch-folder';
import { ServerlessAirflow } from '../../src';

const folder = scratchFolder();
const cli = join(folder, 'cli.js');
const cdkOut = join(folder, 'cdk.out');

beforeAll(() => {
  buildSync({ entryPoints: [join(__dirname, '../../local/cli.ts')], bundle: true, platform: 'node', external: ['pg-native'], outfile: cli, logLevel: 'error' });
  const app = new App({ outdir: cdkOut });
  new ServerlessAirflow(new Stack(app, 'Test'), 'Airflow');
  app.synth();
});

/** As a user would: the command has to end by itself. */
async function local(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const child = spawn(process.execPath, [cli, 'local', ...args], {
    cwd: folder, env: { ...process.env, XDG_STATE_HOME: join(folder, 'home') }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 240_000,
  });
  const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { exitCode, out, err };
}

test('--help tells a newcomer what to do first', async () => {
  const { exitCode, out } = await local('--help');
  expect(exitCode).toBe(0);
  expect(out).toContain('npx serverless-airflow local up');
});

test('up --help has every option that works, and no default that is none', async () => {
  const { out } = await local('up', '--help');

  expect([...out.matchAll(/^ {2}(?:-\w, )?(--\w+)/gm)].map(([, option]) => option))
    .toEqual(['--publish', '--internet', '--help', '--app', '--stack', '--state', '--isolation', '--version']);
  expect(out).not.toContain('[]');
});

test('down says what it did where nothing runs, and deletes no folder that is not its own', async () => {
  const { exitCode, out } = await local('down', '--delete', '--state', '.');

  expect(out).toBe(`it was not running\nnothing to delete: ${folder} is no state folder of a run\n`);
  expect(exitCode).toBe(0);
  expect(existsSync(cdkOut)).toBe(true);
});

test('who reads what is printed may stop at any time', async () => {
  mkdirSync(join(folder, 'state', 'logs', 'worker'), { recursive: true });
  writeFileSync(join(folder, 'state', 'logs', 'worker', 'app.log'), 'line\n'.repeat(50_000));

  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', '"$0" "$1" local logs --state state | head -1', process.execPath, cli], { cwd: folder });

  expect([stdout, stderr]).toEqual(['worker/app | line\n', '']);
});

test('--version is that of the package', async () => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3' }));

  const { stdout } = await promisify(execFile)(process.execPath, [cli, '--version']);

  expect(stdout).toBe('1.2.3\n');
});

describe('mistakes end with one sentence and exit code 1', () => {
  test.each([
    ['there is no cloud assembly', ['--app', 'nowhere', 'up'], /^no cloud assembly in .*\/nowhere .*: run "npx cdk synth" first, or give its folder with --app\n$/],
    ['the cloud assembly is broken', ['--app', 'broken', 'up'], /^cannot read .*manifest\.json .*: synthesize the app again \(npx cdk synth\)\n$/],
    ['nothing runs', ['status'], /^it is not running: start it with `npx serverless-airflow local up`\n$/],
    ['nothing has been started', ['logs'], /^there are no logs, nothing has been started yet: `npx serverless-airflow local up` does\n$/],
    ['a wrong number of tasks', ['scale', 'worker'], /^scale worker: give <service>=<number of tasks>, for example worker=3\n$/],
    ['a service that is not there', ['up', '--publish', 'nobody=1'], /^--publish nobody: no such service has an HTTP port; there are web-server, flower\n$/],
    ['a stack that is not there', ['--stack', 'Other', 'up'], /^.*Other.*\n$/],
    ['a configuration that is no object', ['trigger', 'dag', '--conf', '[1]'], /^--conf \[1\] is not a JSON object: give one, for example --conf '\{"day": "2026-01-31"\}'\n$/],
    ['a state folder that is a file', ['up', '--state', 'broken/manifest.json'], /^\S+\/broken\/manifest\.json is a file: name a folder \(--state\)\n$/],
    ['a state folder where none can be made', ['up', '--state', '/proc/x'], /^\/proc\/x cannot be made: no folder can be made there\n$/],
    ['an option of the command to run, without --', ['exec', 'worker', 'ls', '-la'], /^error: unknown option '-la'\n.*exec --help; the command to run stands after --\n$/s],
    ['a command that is not there', ['stop'], /^error: unknown command 'stop'\n.*what it takes: npx serverless-airflow local --help\n$/s],
    ['another app than the default', ['status', '--app', './cdk.out', '--state', 'a b'],
      /^it is not running: start it with `npx serverless-airflow local --app \.\/cdk\.out --state 'a b' up`\n$/],
  ])('%s', async (_, args, sentence) => {
    mkdirSync(join(folder, 'broken'), { recursive: true });
    writeFileSync(join(folder, 'broken', 'manifest.json'), '{');

    const { exitCode, err } = await local(...args);

    expect(err).toMatch(sentence);
    expect(exitCode).toBe(1);
  });

  test('a port in use, whichever it is', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      const { exitCode, err } = await local('up', '--publish', `web-server=${port}`, '--publish', 'flower=0');

      expect(err).toBe(`port ${port} on 127.0.0.1 is in use: choose another one with --publish web-server=<port> (0 for any free one)\n`);
      expect(exitCode).toBe(1);
    } finally {
      taken.close();
    }
  });
});
