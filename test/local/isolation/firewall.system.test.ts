import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { availableLevels, containerSpec, dumbInit, Engine, python, pythonPrefix, scratchFolder } from './engine';
import { probeIsolation } from '../../../local/isolation/probe';
import type { Refusal, SecurityGroupRule } from '../../../local/isolation/security-groups';
import { until } from '../until';

const interpreter = python();
const prefix = pythonPrefix();
const levels = availableLevels().filter(level => probeIsolation(level).securityGroups);
if (levels.length === 0) process.stderr.write('skipped: security groups need namespaces and nft (package nftables)\n');

const everywhere = (groupId: string): SecurityGroupRule => ({ direction: 'egress', groupId, peer: { cidr: '0.0.0.0/0' }, protocol: '-1' });
const ingress = (groupId: string, from: string, port: number): SecurityGroupRule =>
  ({ direction: 'ingress', groupId, peer: { groupId: from }, protocol: 'tcp', fromPort: port, toPort: port });

/** Answers each connection on the ports with its own name. */
const server = (name: string, ports: number[]) => `
import socket, selectors
selector = selectors.DefaultSelector()
for port in ${JSON.stringify(ports)}:
    selector.register(socket.create_server(('0.0.0.0', port)), selectors.EVENT_READ)
print('listening', flush=True)
while True:
    for key, _ in selector.select():
        connection, _ = key.fileobj.accept()
        connection.sendall(b'${name}')
        connection.close()`;
const client = (host: string, port: number) => `
import socket
try:
    print(socket.create_connection(('${host}', ${port}), 0.5).recv(99).decode(), end='')
except OSError as error:
    print(type(error).__name__, end='')`;

// `describe.each` refuses an empty table
(levels.length > 0 ? describe.each(levels) : describe.skip.each(['root'] as const))('security groups, isolation %s', level => {
  let engine: Engine;
  let folder: string;
  let host: string;
  const addresses: Record<string, string> = {};
  const containers: Record<string, number> = {};

  beforeAll(async () => {
    folder = scratchFolder();
    chmodSync(folder, 0o755);
    engine = Engine.start(level, join(__dirname, 'engine-process.ts'));
    ({ hostAddress: host } = await engine.order<{ hostAddress: string }>('create', { level, securityGroups: true, dumbInit: dumbInit(), python: interpreter }));
  });

  afterAll(async () => {
    await engine.order('close');
    await engine.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A task that listens on ports 5000 and 5001. */
  async function addTask(name: string, ...securityGroups: string[]): Promise<void> {
    addresses[name] = await engine.order('addTask', name, ...securityGroups);
    const spec = containerSpec({
      taskId: name,
      argv: [interpreter, '-c', server(name, [5000, 5001])],
      directories: [{ host: prefix, container: prefix, writable: false }],
      logFile: join(folder, `${name}.log`),
    });
    containers[name] = await engine.order('start', spec);
    await until(`${name} listens`, () => existsSync(spec.logFile) && readFileSync(spec.logFile, 'utf-8').includes('listening'));
  }

  async function removeTask(name: string): Promise<void> {
    await engine.order('kill', containers[name]);
    await engine.order('exited', containers[name]);
    await engine.order('removeTask', name);
  }

  /** What the task named `source` is answered with, or the name of the error. */
  async function ask(source: string, address: string, port: number): Promise<string> {
    return (await engine.order<{ output: string }>('exec', containers[source], [interpreter, '-c', client(address, port)])).output;
  }

  test('only what an egress and an ingress rule allow is reached, by group and port', async () => {
    await engine.order('authorize', [everywhere('sg-client'), everywhere('sg-other'), ingress('sg-server', 'sg-client', 5000), ingress('sg-server', 'sg-silent', 5000)]);
    await addTask('client', 'sg-client');
    await addTask('other', 'sg-other');
    await addTask('silent', 'sg-silent');
    await addTask('server', 'sg-server');

    const answers = await Promise.all([
      ask('client', addresses.server, 5000),
      ask('client', addresses.server, 5001),
      ask('other', addresses.server, 5000),
      ask('silent', addresses.server, 5000), // no egress rule
      ask('server', addresses.client, 5000),
      ask('server', addresses.server, 5001), // itself
    ]);
    expect(answers).toEqual(['server', 'TimeoutError', 'TimeoutError', 'TimeoutError', 'TimeoutError', 'server']);
  });

  test('what is refused is told with names, and who lacks the rule', async () => {
    const refused = await engine.order<Refusal[]>('refused');
    const told = refused.map(({ source, destination, protocol, port, missing }) => `${source} ${destination} ${protocol} ${port} ${missing}`);
    expect(told.sort()).toEqual([
      'client server tcp 5001 ingress',
      'other server tcp 5000 ingress',
      'server client tcp 5000 egress',
      'silent server tcp 5000 egress',
    ]);
  });

  test('a task counts from its first process to its end, rules from the moment they are there', async () => {
    await addTask('second', 'sg-client', 'sg-second');
    expect(await ask('second', addresses.server, 5000)).toBe('server');
    expect(await ask('client', addresses.second, 5000)).toBe('TimeoutError');

    await engine.order('authorize', [ingress('sg-second', 'sg-client', 5000)]);
    expect(await ask('client', addresses.second, 5000)).toBe('second');

    await removeTask('second');
    await addTask('third', 'sg-other');
    expect(await ask('third', addresses.server, 5000)).toBe('TimeoutError');
  });

  test('a connection that was made goes on while rules and members change', async () => {
    const mark = process.pid;
    const script = `
import os, socket, time
connection = socket.create_connection(('${addresses.server}', 5000), 2)
print('connected', flush=True)
open('/tmp/connected-${mark}', 'w').close()
while not os.path.exists('/tmp/go-on-${mark}'): time.sleep(0.05)
print(connection.recv(99).decode(), end='')`;
    const talking = engine.order<{ output: string }>('exec', containers.client, [interpreter, '-c', script]);
    const inClient = async (...argv: string[]) => engine.order<{ code: number }>('exec', containers.client, argv);
    await until('it is connected', async () => (await inClient('test', '-e', `/tmp/connected-${mark}`)).code === 0);
    await engine.order('authorize', [ingress('sg-server', 'sg-other', 5001)]);
    await addTask('fourth', 'sg-other');
    await inClient('touch', `/tmp/go-on-${mark}`);

    expect((await talking).output).toBe('connected\nserver');
    expect(await ask('fourth', addresses.server, 5001)).toBe('server');
  });

  test('of the engine there are the metadata for everybody, the AWS API for whom egress to port 443 is allowed, and nothing else', async () => {
    await engine.order('authorize', [{ direction: 'egress', groupId: 'sg-api', peer: { cidr: '0.0.0.0/0' }, protocol: 'tcp', fromPort: 443, toPort: 443 }]);
    await addTask('api', 'sg-api');
    await engine.order('listen', [['169.254.170.2', 80], [host, 443], [host, 444], ['169.254.1.1', 443]]);
    const reached = async (name: string) => Promise.all(([['169.254.170.2', 80], [host, 443], [host, 444], ['169.254.1.1', 443]] as const)
      .map(async ([address, port]) => ask(name, address, port)));

    expect(await reached('api')).toEqual(['engine', 'engine', 'TimeoutError', 'TimeoutError']);
    expect(await reached('silent')).toEqual(['engine', 'TimeoutError', 'TimeoutError', 'TimeoutError']);
  });

  test('egress is free until the group has an egress rule', async () => {
    await engine.order('authorize', [{ ...everywhere('sg-fresh'), byDefault: true }]);
    await addTask('fresh', 'sg-fresh');
    expect(await ask('fresh', host, 443)).toBe('engine');

    await engine.order('authorize', [{ ...everywhere('sg-fresh'), peer: { groupId: 'pl-68a54001' } }]);
    expect(await ask('fresh', host, 443)).toBe('TimeoutError');
  });

  test('a rule that two have added goes with the second one', async () => {
    const rule = { ...everywhere('sg-twice'), fromPort: 443, toPort: 443, protocol: 'tcp' };
    await engine.order('authorize', [rule, rule]);
    await addTask('twice', 'sg-twice');
    await engine.order('revoke', [rule]);
    expect(await ask('twice', host, 443)).toBe('engine');

    await engine.order('revoke', [rule]);
    expect(await ask('twice', host, 443)).toBe('TimeoutError');
  });

  test('the Internet: no way for who may, no answer for who may not', async () => {
    expect(await ask('client', '192.0.2.1', 443)).toBe('OSError');
    expect(await ask('silent', '192.0.2.1', 443)).toBe('TimeoutError');
  });
});
