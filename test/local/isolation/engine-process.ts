// Runs inside the namespaces, as the runner's engine does, and takes orders from the test over IPC.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { createIsolation, type IsolationOptions } from '../../../local/isolation/create-isolation';
import type { ContainerSpec, Isolation, RunningContainer } from '../../../local/isolation/isolation';
import { exitCode } from '../../../local/isolation/process';
import type { SecurityGroupRule } from '../../../local/isolation/security-groups';

let isolation: Isolation;
const containers: RunningContainer[] = [];

const orders = {
  async create(options: IsolationOptions) {
    isolation = await createIsolation(options);
    return { hostAddress: isolation.hostAddress, metadataAddress: isolation.metadataAddress };
  },
  addTask: async (id: string, ...securityGroups: string[]) => isolation.addTask(id, { name: id, securityGroups }),
  authorize: async (rules: SecurityGroupRule[]) => isolation.securityGroups.authorize(rules),
  revoke: async (rules: SecurityGroupRule[]) => isolation.securityGroups.revoke(rules),
  async listen(endpoints: [string, number][]) {
    await Promise.all(endpoints.map(async ([host, port]) => once(createServer(connection => connection.on('error', () => {}).end('engine')).listen(port, host), 'listening')));
  },
  refused: async () => isolation.securityGroups.refused(),
  removeTask: async (id: string) => isolation.removeTask(id),
  setNames: async (names: Record<string, string[]>) => isolation.setNames(new Map(Object.entries(names))),
  start: async (spec: ContainerSpec) => containers.push(await isolation.start(spec)) - 1,
  exited: async (container: number) => containers[container].exited,
  signal: async (container: number, signal: NodeJS.Signals) => containers[container].signal(signal),
  kill: async (container: number) => containers[container].kill(),
  async exec(container: number, argv: string[], killAfter?: number) {
    const child = containers[container].exec(argv, 'pipe');
    child.stdin!.end();
    if (killAfter) setTimeout(() => child.kill('SIGKILL'), killAfter);
    const [code, output, errors] = await Promise.all([exitCode(child), text(child.stdout!), text(child.stderr!)]);
    return { code, output, errors };
  },
  close: async () => isolation.close(),
};

process.on('message', ({ id, order, args }: { id: number; order: keyof typeof orders; args: never[] }) => {
  (orders[order] as (...args: never[]) => Promise<unknown>)(...args).then(
    value => process.send!({ id, value }),
    error => process.send!({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
