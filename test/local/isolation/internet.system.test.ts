import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { availableLevels, containerSpec, dumbInit, Engine, python, pythonPrefix, scratchFolder } from './engine';
import { pythonOfTheWorld } from './world';
import { packageFile } from '../../../local/install/package-files';
import { InternetRelay } from '../../../local/isolation/internet';
import { probeIsolation } from '../../../local/isolation/probe';
import type { Refusal, SecurityGroupRule } from '../../../local/isolation/security-groups';

const interpreter = python();
const prefix = pythonPrefix();
const [level] = availableLevels().filter(name => probeIsolation(name).securityGroups);
if (level === undefined) process.stderr.write('skipped: a way to the Internet needs namespaces and nft (package nftables)\n');

const egress = (groupId: string, protocol: string, port?: number): SecurityGroupRule =>
  ({ direction: 'egress', groupId, peer: { cidr: '0.0.0.0/0' }, protocol, fromPort: port, toPort: port });

/** Sends so many bytes, finishes, and says how it went. */
const CLIENT = `
import socket, sys
host, port, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
try:
    with socket.create_connection((host, port), 2) as s:
        s.sendall(b'x' * size)
        s.shutdown(socket.SHUT_WR)
        received = b''
        while data := s.recv(65536):
            received += data
    print(received[:6].decode(), len(received), end='')
except OSError as error:
    print(type(error).__name__, end='')`;

(level === undefined ? describe.skip : describe)('the way to the Internet', () => {
  let relay: InternetRelay;
  let engine: Engine;
  let folder: string;
  const containers: Record<string, number> = {};

  beforeAll(async () => {
    folder = scratchFolder();
    chmodSync(folder, 0o755);
    relay = await InternetRelay.start(pythonOfTheWorld(level, interpreter, folder), join(folder, 'internet.sock'), join(folder, 'internet.log'));
    engine = Engine.start(level, join(__dirname, 'engine-process.ts'));
    await engine.order('create', { level, securityGroups: true, dumbInit: dumbInit(), python: interpreter, internetSocket: join(folder, 'internet.sock') });
    await engine.order('authorize', [egress('sg-https', 'tcp', 443), egress('sg-free', '-1'), { ...egress('sg-none', 'icmp'), peer: { cidr: '255.255.255.255/32' } }]);
    for (const name of ['https', 'free', 'none']) {
      await engine.order('addTask', name, `sg-${name}`);
      containers[name] = await engine.order('start', containerSpec({
        taskId: name,
        argv: ['sleep', '600'],
        directories: [{ host: prefix, container: prefix, writable: false }],
        logFile: join(folder, `${name}.log`),
      }));
    }
  });

  afterAll(async () => {
    await engine.order('close');
    await engine.end();
    relay.stop();
    await relay.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(task: string, host: string, port: number, size = 3): Promise<string> {
    return (await engine.order<{ output: string }>('exec', containers[task], [interpreter, '-c', CLIENT, host, String(port), String(size)])).output;
  }

  test('is open to whom a rule allows it, and to the ports that it allows', async () => {
    const answers = await Promise.all([
      ask('https', '203.0.113.1', 443),
      ask('https', '203.0.113.1', 80),
      ask('free', '203.0.113.1', 80),
      ask('none', '203.0.113.1', 443),
    ]);
    expect(answers).toEqual(['world  9', 'TimeoutError', 'world  9', 'TimeoutError']);
    const refused = await engine.order<Refusal[]>('refused');
    expect(refused.map(({ source, destination, port, missing }) => `${source} ${destination} ${port} ${missing}`).sort())
      .toEqual(['https 203.0.113.1 80 egress', 'none 203.0.113.1 443 egress']);
  });

  test('passes megabytes on in both directions, and the end of each', async () => {
    expect(await ask('https', '203.0.113.1', 443, 5_000_000)).toBe('world  5000006');
  });

  test('does not lead into this machine\'s own network, nor to the relay', async () => {
    const hosts = ['192.168.1.1', '172.16.0.1', '10.1.0.1', '100.64.0.1', '169.254.169.254'].map(host => [host, 80] as const);
    const answers = await Promise.all([...hosts, ['169.254.1.2', 444] as const].map(async ([host, port]) => ask('free', host, port)));
    // there is no way, which the kernel does not say to everybody at once; a connection that the relay has taken would be reset
    expect(answers.filter(answer => !['OSError', 'TimeoutError'].includes(answer))).toEqual([]);
  });

  test('a server that is not there ends the connection, and the log says why', async () => {
    expect(await ask('free', '203.0.113.1', 81)).toBe('ConnectionResetError');
    expect(readFileSync(join(folder, 'internet.log'), 'utf-8')).toMatch(/^10\.0\.1\.11 → 203\.0\.113\.1:81: .*Connect call failed/m);
  });

  test('`verify` takes a connection that is reset at once for one that was let through', async () => {
    const argument = JSON.stringify({ names: [], dscp: 63, endpoints: Array(20).fill(['192.0.2.1', 443]) });
    const script = readFileSync(packageFile('verify/connect.py'), 'utf-8');

    const { output } = await engine.order<{ output: string }>('exec', containers.https, [interpreter, '-c', script, argument]);

    expect((JSON.parse(output) as { outcomes: string[] }).outcomes.filter(outcome => !['open', 'closed'].includes(outcome))).toEqual([]);
  });

  test('names are known as on this machine, to all tasks, over TCP too', async () => {
    const answers = await Promise.all([ask('https', 'pypi.test', 443), ask('https', 'large.test', 443), ask('https', 'unknown.test', 443), ask('none', 'pypi.test', 443)]);
    expect(answers).toEqual(['world  9', 'world  9', 'gaierror', 'TimeoutError']);
  });
});
