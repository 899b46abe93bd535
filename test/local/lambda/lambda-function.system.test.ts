import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AdmZip from 'adm-zip';
import { packageFile } from '../../../local/install/package-files';
import { LambdaFunction, type LambdaFunctionProps } from '../../../local/lambda/lambda-function';
import { environmentVariable } from '../../environment-variable';
import { failure } from '../cloudformation/support';

let folder: string;
let server: Server;
/** What handlers sent to this test. */
let received: { context: Record<string, unknown>; env: Record<string, string>; event: unknown; sdk?: boolean };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-test-'));
  server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => { body += chunk; }).on('end', () => {
      received = JSON.parse(body) as typeof received;
      response.end();
    });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  await new Promise(done => server.close(done));
  rmSync(folder, { recursive: true });
});

const REPORT = `
const report = (event, context, more) => fetch(event.url, { method: 'POST', headers: { connection: 'close' }, body: JSON.stringify({
  event, env: process.env, context: { ...context, remaining: context.getRemainingTimeInMillis() }, ...more,
}) });
`;

function lambda(source: string, more: Partial<LambdaFunctionProps> = {}): LambdaFunction {
  return new LambdaFunction({
    arn: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
    name: 'fn',
    accessKey: { accessKeyId: 'ASIAOFTHEROLE', secretAccessKey: 'secret', sessionToken: 'token' },
    handler: 'index.handler',
    runtime: 'nodejs22.x',
    code: { source: REPORT + source },
    environment: { LEVEL: 'info' },
    timeout: 900,
    memorySize: 128,
    logGroupName: '/logs/fn',
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    signal: new AbortController().signal,
    nodePath: resolve(__dirname, '../../../node_modules'),
    codeFolder: join(folder, 'code'),
    logFile: join(folder, 'logs', 'fn.log'),
    ...more,
  });
}

const event = () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'value' });
const invoke = (fn: LambdaFunction, signal = new AbortController().signal) => fn.invoke(event(), signal);
const log = () => readFileSync(join(folder, 'logs', 'fn.log'), 'utf-8');

describe('a function', () => {
  environmentVariable('OF_THE_RUNNER', 'x');

  test('gets event, context, its variables and its role\'s keys, and nothing of the runner\'s environment', async () => {
    await invoke(lambda('exports.handler = (event, context) => report(event, context);'));

    expect(received.event).toEqual(event());
    expect(received.env).toMatchObject({
      LEVEL: 'info', AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_LAMBDA_FUNCTION_NAME: 'fn', AWS_ACCESS_KEY_ID: 'ASIAOFTHEROLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token',
    });
    expect(received.env).not.toHaveProperty('OF_THE_RUNNER');
    expect(received.context).toMatchObject({ functionName: 'fn', logGroupName: '/logs/fn', invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fn' });
    expect(received.context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(received.context.logStreamName).toContain('[$LATEST]');
    expect(received.context.remaining).toBeGreaterThan(600_000);
    expect(received.context.remaining).toBeLessThanOrEqual(900_000);
  });

  test('writes its output to the log, together with what runs it', async () => {
    await invoke(lambda('exports.handler = async () => { console.log("hello"); console.error("problem"); };'));

    expect(log()).toMatch(/^START RequestId: [0-9a-f-]+ \(nodejs22.x, run by Node.js v.*\)\nhello\nproblem\n$/);
  });

  test('finds the AWS SDK', async () => {
    await invoke(lambda('exports.handler = (event, context) => report(event, context, { sdk: !!require("@aws-sdk/client-secrets-manager").SecretsManager });'));

    expect(received.sdk).toBe(true);
  });

  test('may call back instead of returning a promise', async () => {
    await invoke(lambda('exports.handler = (event, context, callback) => { report(event, context).then(() => callback(null, "done")); };'));

    expect(received.event).toEqual(event());
  });

  test('is CommonJS although a package.json above the assembly says otherwise', async () => {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    mkdirSync(join(folder, 'cdk.out/asset'), { recursive: true });
    writeFileSync(join(folder, 'cdk.out/asset/index.js'), `${REPORT} exports.handler = report;`);
    const codeFolder = mkdtempSync(join(tmpdir(), 'lambda-test-code-'));

    await invoke(lambda('', { code: { path: join(folder, 'cdk.out/asset'), packaging: 'zip' }, codeFolder }));

    rmSync(codeFolder, { recursive: true });
    expect(received.event).toEqual(event());
  });

  test('may be an ES module in a zip file', async () => {
    const zip = new AdmZip();
    zip.addFile('src/main.mjs', Buffer.from(`${REPORT} export const run = report;`));
    zip.writeZip(join(folder, 'code.zip'));

    await invoke(lambda('', { code: { path: join(folder, 'code.zip'), packaging: 'file' }, handler: 'src/main.run' }));

    expect(received.event).toEqual(event());
  });

  test.each<[string, string, Partial<LambdaFunctionProps>, string]>([
    ['when it rejects', 'exports.handler = async () => { throw new TypeError("no key"); };', {}, 'the function "fn" failed with TypeError: no key'],
    ['when it calls back with an error', 'exports.handler = (e, c, callback) => callback(new Error("late"));', {}, 'the function "fn" failed with Error: late'],
    ['for an error outside of its promise', 'exports.handler = () => new Promise(() => setTimeout(() => { throw new Error("stray"); }));', {}, 'the function "fn" failed with Error: stray'],
    ['when its code cannot be loaded', 'require("absent-module");', {}, 'the function "fn" failed with Error: Cannot find module \'absent-module\''],
    ['when its file is missing', '', { handler: 'other.handler' }, 'the function "fn" failed with Runtime.ImportModuleError: cannot find module \'other\''],
    ['when its handler is missing', '', { handler: 'index.other' }, 'the function "fn" failed with Runtime.HandlerNotFound: index.other is undefined or not exported'],
    ['when it ends its process', 'exports.handler = () => process.exit(3);', {}, 'the function "fn" ended early (exit code 3)'],
  ])('fails %s', async (_name, source, more, message) => {
    expect(await failure(invoke(lambda(source, more)))).toContain(message);
  });

  test('fails when it takes longer than its timeout', async () => {
    const endless = lambda('exports.handler = () => new Promise(() => setInterval(() => {}, 1000));', { timeout: 0.2 });

    expect(await failure(invoke(endless))).toBe('the function "fn" failed with Sandbox.Timedout: Task timed out after 0.2 seconds');
  });

  test('ends at once when the runner stops', async () => {
    const controller = new AbortController();
    const invocation = invoke(lambda('exports.handler = event => report(event, { getRemainingTimeInMillis() {} }).then(() => new Promise(() => setInterval(() => {}, 1000)));'), controller.signal);
    await new Promise(done => server.once('request', done));

    controller.abort();

    expect(await failure(invocation)).toBe('This operation was aborted');
  });

  test('ends when the runner is gone', async () => {
    writeFileSync(join(folder, 'index.js'), 'exports.handler = () => { console.log("begun"); return new Promise(() => setInterval(() => {}, 1000)); };');
    const runtime = spawn(process.execPath, [packageFile('lambda/lambda-runtime.js'), folder, 'index.handler'], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
    runtime.stdin!.write(`${JSON.stringify({ event: {}, context: {}, timeout: 60 })}\n`);
    await new Promise(done => runtime.stdout!.once('data', done));

    runtime.stdin!.destroy();

    expect(await new Promise(done => runtime.once('exit', done))).toBe(1);
  });
});
