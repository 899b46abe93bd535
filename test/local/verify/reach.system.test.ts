import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { ResourceDeclaration } from '../../../local/cloudformation/template';
import { probeIsolation } from '../../../local/isolation/probe';
import type { SecurityGroupRule } from '../../../local/isolation/security-groups';
import { verifyReach } from '../../../local/verify/reach';
import type { Section } from '../../../local/verify/section';
import { stackOf } from '../cloudformation/support';
import { availableLevels, containerSpec, dumbInit, Engine, python, pythonPrefix, scratchFolder } from '../isolation/engine';


const group: ResourceDeclaration = { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'x' } };
const service = (groupId: string): ResourceDeclaration =>
  ({ Type: 'AWS::ECS::Service', Properties: { NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: [{ 'Fn::GetAtt': [groupId, 'GroupId'] }] } } } });
const ingress = (of: string, from: string, port: number): ResourceDeclaration => ({
  Type: 'AWS::EC2::SecurityGroupIngress',
  Properties: { GroupId: { 'Fn::GetAtt': [of, 'GroupId'] }, SourceSecurityGroupId: { 'Fn::GetAtt': [from, 'GroupId'] }, IpProtocol: 'tcp', FromPort: port, ToPort: port },
});

/** The worker may reach the web server, which may reach the worker's logs. */
const STACK = stackOf({
  WebGroup: group, WorkerGroup: group, Web: service('WebGroup'), Worker: service('WorkerGroup'), Api: ingress('WebGroup', 'WorkerGroup', 8080), Logs: ingress('WorkerGroup', 'WebGroup', 8793),
});
const rule = (of: string, from: string, port: number): SecurityGroupRule =>
  ({ direction: 'ingress', groupId: of, peer: { groupId: from }, protocol: 'tcp', fromPort: port, toPort: port });
const everywhere = (groupId: string): SecurityGroupRule => ({ direction: 'egress', groupId, peer: { cidr: '0.0.0.0/0' }, protocol: '-1' });
/** On the task's address, and on one that nobody else has. */
const LISTEN = `
import socket, sys, time
listeners = [socket.create_server(('0.0.0.0', int(sys.argv[1]))), socket.create_server(('127.0.0.1', 9999))]
print('listening', flush=True)
time.sleep(600)`;

const [level] = availableLevels();
const enforced = probeIsolation(level).securityGroups;
if (!enforced) process.stderr.write('skipped: security groups need namespaces and nft (package nftables)\n');

/** A web server and two workers. */
(enforced ? describe : describe.skip)('reach in real namespaces', () => {
  let engine: Engine;
  let folder: string;
  let host: string;
  let tasks: { service: string; name: string; address: string; container: number }[];

  beforeAll(async () => {
    folder = scratchFolder();
    chmodSync(folder, 0o755);
    engine = Engine.start(level, join(__dirname, '../isolation/engine-process.ts'));
    ({ hostAddress: host } = await engine.order<{ hostAddress: string }>('create', { level, securityGroups: true, dumbInit: dumbInit(), python: python() }));
    await engine.order('listen', [[host, 443]]);
    tasks = await Promise.all([['Web', 'web-server', 8080], ['Worker', 'worker', 8793], ['Worker', 'worker', 8793]].map(async ([logicalId, name, port], index) => {
      const id = `task${index}`;
      const address = await engine.order<string>('addTask', id, `${logicalId}Group`);
      const logFile = join(folder, `${id}.log`);
      const container = await engine.order<number>('start', containerSpec({
        taskId: id,
        name: 'main',
        argv: [python(), '-c', LISTEN, String(port)],
        directories: [{ host: pythonPrefix(), container: pythonPrefix(), writable: false }],
        logFile,
      }));
      while (!existsSync(logFile) || !readFileSync(logFile, 'utf-8').includes('listening')) await sleep(25);
      return { service: String(logicalId), name: String(name), address, container };
    }));
    await engine.order('authorize', [everywhere('WebGroup'), everywhere('WorkerGroup'), rule('WorkerGroup', 'WebGroup', 8793)]);
  });

  afterAll(async () => {
    await engine.order('close');
    await engine.end();
    rmSync(folder, { recursive: true, force: true });
  });

  async function verify(internet = false): Promise<Section> {
    return verifyReach(STACK, {
      network: async () => ({ enforced: true, level, servers: [], api: { host, port: 443 }, internet }),
      python: async (script, argument) => Promise.all(tasks.map(async ({ container, ...task }) => {
        const { output, errors } = await engine.order<{ output: string; errors: string }>('exec', container, [python(), '-c', script, argument]);
        expect(errors).toBe('');
        return { ...task, output };
      })),
    });
  }

  test('one rule less than in the template: every task that misses it is named', async () => {
    expect((await verify()).differences).toEqual(['worker/1', 'worker/2'].map(worker => `${worker} does not reach web-server:8080, which the security groups allow`));
  });

  test('the rules of the template: nothing differs, and the matrix shows who reaches whom', async () => {
    await engine.order('authorize', [rule('WebGroup', 'WorkerGroup', 8080)]);

    const { differences, lines } = await verify();

    expect(differences).toEqual([]);
    expect(lines.slice(0, -1).map(line => stripVTControlCharacters(line))).toEqual([
      'to \\ from        web-server  worker/1  worker/2',
      'web-server:8080                 +         +',
      'worker/1:8793        +                    ·',
      'worker/2:8793        +          ·',
      'AWS API:443          +          +         +',
      'other ports          ·          ·         ·',
      'the Internet         ·          ·         ·',
      'unknown names        ·          ·         ·',
    ]);
    expect(await engine.order('refused')).toEqual([]); // its own trials are no news
  });

  test('a way to the Internet that should be there and is not', async () => {
    const { differences } = await verify(true);

    expect(differences).toEqual(['web-server', 'worker/1', 'worker/2'].map(task => `${task} does not reach the Internet:443, which the security groups allow`));
  });

  test('rules too many, for ports that something listens on and others', async () => {
    await engine.order('authorize', [rule('WebGroup', 'WorkerGroup', 8793), rule('WorkerGroup', 'WorkerGroup', 8793)]);

    const { differences } = await verify();

    expect([...differences].sort()).toEqual([
      'worker/1 reaches web-server:8793, which the security groups refuse',
      'worker/1 reaches worker/2:8793, which the security groups refuse',
      'worker/2 reaches web-server:8793, which the security groups refuse',
      'worker/2 reaches worker/1:8793, which the security groups refuse',
    ]);
  });
});

test('says that there is nothing to verify where nothing is enforced', async () => {
  const client = { network: async () => ({ enforced: false, level: 'loopback' as const, servers: [], api: { host: '127.0.1.1', port: 1 }, internet: false }), python: async () => [] };

  expect((await verifyReach(STACK, client)).impossible)
    .toBe('there is nothing to verify: security groups are not enforced in this run (isolation loopback); the first lines of `up` say why');
});
