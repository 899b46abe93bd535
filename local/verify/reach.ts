import { readFileSync } from 'node:fs';
import { ExpectedReach, type Peer } from './expected-reach';
import { endpointName, INTERNET, matrix, type Connection } from './matrix';
import type { Network, Run, Section } from './section';
import type { Stack } from '../cloudformation';
import { UserError } from '../errors';
import { packageFile } from '../install/package-files';
import { TRIAL_DSCP } from '../isolation/nftables';

/** An address of the Internet that nobody has (RFC 5737): whether the security groups let a connection through is all that is asked. */
const OUTSIDE = { host: '192.0.2.1', port: 443 };
/** One of the network that no task has. */
const NOBODY = '10.0.250.250';
const UNKNOWN_NAME = 'unknown.airflow';
const NAME_OUTSIDE = 'example.com';

const TITLE = 'network: who reaches whom, tried with real connections from every task';

interface Host extends Peer {
  readonly name: string;
  /** Where something listens. */
  readonly ports: readonly number[];
  /** Not even if the rules say so. */
  readonly unreachable?: boolean;
}

interface Answer {
  readonly listening: number[];
  readonly resolved: string[];
  readonly outcomes: ('open' | 'closed' | 'silent' | 'unreachable')[];
}

/** Tries every port that anything listens on, of every host, from every task, and compares that with the template's security groups. */
export async function verifyReach(stack: Stack, run: Pick<Run, 'network' | 'python'>): Promise<Section> {
  const { enforced, level, servers, api, internet } = await run.network();
  if (!enforced) {
    const impossible = `there is nothing to verify: security groups are not enforced in this run (isolation ${level}); the first lines of \`up\` say why`;
    return { title: TITLE, lines: [], differences: [], impossible, details: {} };
  }
  const script = readFileSync(packageFile('verify/connect.py'), 'utf-8');
  const ask = async (names: string[], endpoints: [string, number][]) => {
    const outputs = await run.python(script, JSON.stringify({ names, endpoints, dscp: TRIAL_DSCP }));
    const order = Object.keys(stack.template.Resources);
    outputs.sort((one, other) => order.indexOf(one.service) - order.indexOf(other.service));
    return numbered(outputs).map(({ output, ...task }) => ({ ...task, answer: JSON.parse(output) as Answer }));
  };

  const expected = new ExpectedReach(stack);
  const tasks = (await ask([], [])).map(({ service, name, address, answer }): Host => ({
    name, address, groups: expected.groupsOf(service), ports: answer.listening,
  }));
  const hosts: Host[] = [
    ...tasks,
    ...servers.map(({ kind, logicalId, host, port }) => ({
      name: servers.filter(server => server.kind === kind).length === 1 ? kind : logicalId,
      address: host,
      groups: expected.groupsOf(logicalId),
      ports: [port],
    })),
    { name: 'AWS API', address: api.host, ports: [api.port] },
  ];
  const everyPort = [...new Set(hosts.flatMap(({ ports }) => ports))];
  const targets: { host: Host; port: number }[] = [
    ...hosts.flatMap(host => everyPort.map(port => ({ host, port }))),
    ...everyPort.map(port => ({ host: { name: 'nobody', address: NOBODY, groups: [], ports: [] }, port })),
    { host: { name: INTERNET, address: OUTSIDE.host, ports: [], unreachable: !internet }, port: OUTSIDE.port },
  ];

  const connections: Connection[] = [];
  const resolved: { source: string; name: string }[] = [];
  const names = internet ? [UNKNOWN_NAME] : [UNKNOWN_NAME, NAME_OUTSIDE];
  for (const { name: source, address, answer } of await ask(names, targets.map(({ host, port }) => [host.address, port]))) {
    resolved.push(...answer.resolved.map(name => ({ source, name })));
    const from = tasks.find(task => task.address === address);
    if (!from) throw new UserError(`the tasks of ${source} changed meanwhile: wait until everything is healthy and repeat it`);
    targets.forEach(({ host, port }, index) => {
      if (host.address === address) return;
      connections.push({
        source,
        destination: host.name,
        port,
        expected: isExpected(expected, from, host, port, api),
        reached: ['open', 'closed'].includes(answer.outcomes[index]),
      });
    });
  }
  const unexpected = connections.filter(connection => connection.expected !== connection.reached);
  return {
    title: TITLE,
    lines: matrix(
      tasks.map(({ name }) => name),
      hosts.flatMap(({ name: destination, ports }) => ports.map(port => endpointName({ destination, port }))),
      connections,
      resolved,
    ),
    differences: [
      ...unexpected.map(({ source, reached, ...endpoint }) =>
        `${source} ${reached ? 'reaches' : 'does not reach'} ${endpointName(endpoint)}, which the security groups ${reached ? 'refuse' : 'allow'}`),
      ...resolved.map(({ source, name }) => `the unknown name ${name} resolves in ${source}`),
    ],
    details: { connections, resolved },
  };
}

/** The AWS API offers one port, whatever egress is allowed. */
function isExpected(expected: ExpectedReach, from: Peer, { address, groups, unreachable }: Host, port: number, api: Network['api']): boolean {
  if (unreachable || (address === api.host && port !== api.port)) return false;
  return expected.allows(from, { address, groups }, port);
}

/** `worker/1`, `worker/2` where a service has several tasks. */
function numbered<T extends { name: string }>(tasks: readonly T[]): T[] {
  return tasks.map((task, index) => {
    const number = tasks.slice(0, index + 1).filter(({ name }) => name === task.name).length;
    return tasks.filter(({ name }) => name === task.name).length === 1 ? task : { ...task, name: `${task.name}/${number}` };
  });
}
