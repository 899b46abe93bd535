// Runs inside the namespaces, as the runner's engine does, and takes orders from the test over IPC.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FastClock } from './clock';
import { Cluster, type ClusterOptions } from '../../../local/ecs/cluster';
import type { ServiceDefinition, TaskDefinition } from '../../../local/ecs/definitions';
import { EcsApi } from '../../../local/ecs/ecs-api';
import { AccessKeys } from '../../../local/iam/access-keys';
import { Denials } from '../../../local/iam/denials';
import { Gate } from '../../../local/iam/gate';
import { Iam } from '../../../local/iam/iam';
import { parsePolicy } from '../../../local/iam/policy';
import { createIsolation, type IsolationOptions } from '../../../local/isolation/create-isolation';
import type { Isolation } from '../../../local/isolation/isolation';
import { PrivateNames } from '../../../local/isolation/private-names';
import { exitCode } from '../../../local/isolation/process';

/** Twenty times as fast: back-off, intervals of health checks and stop timeouts take no minutes. */
const clock = new FastClock(20);
let isolation: Isolation;
let cluster: Cluster;
let api: EcsApi;
let gate: Gate;
const secretRequests: { authorization: string; request: unknown }[] = [];

/** Stands for Secrets Manager: by secret id, `{ SecretString }` or an error. */
async function secretsManager(host: string, secrets: Record<string, object>): Promise<string> {
  const server = createServer((request, response) => {
    void text(request).then(body => {
      const parsed = JSON.parse(body) as { SecretId: string; VersionStage?: string };
      secretRequests.push({ authorization: request.headers.authorization!, request: parsed });
      const secret = secrets[[parsed.SecretId, parsed.VersionStage].filter(Boolean).join('@')];
      const error = { __type: 'ResourceNotFoundException', message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT" };
      response.writeHead(secret ? 200 : 400, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(secret ?? error));
    });
  });
  await new Promise<void>(done => server.listen(0, host, done));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

const orders = {
  async create(isolationOptions: IsolationOptions, options: Partial<ClusterOptions>, secrets: Record<string, object>) {
    isolation = await createIsolation(isolationOptions);
    gate = new Gate(new AccessKeys(), new Iam(options as ClusterOptions), new Denials(options.logFolder!));
    cluster = await Cluster.create({
      ...options as ClusterOptions,
      clock,
      isolation,
      gate,
      privateNames: new PrivateNames(isolation),
      endpoint: await secretsManager(isolation.hostAddress, secrets),
    });
    api = new EcsApi(cluster);
  },
  registerTaskDefinition: async (definition: TaskDefinition) => cluster.registerTaskDefinition(definition),
  createService: async (definition: ServiceDefinition) => cluster.createService(definition),
  updateService: async (definition: ServiceDefinition) => cluster.updateService(definition),
  deleteService: async (arn: string) => cluster.deleteService(arn),
  setDesiredCount: async (name: string, count: number) => cluster.setDesiredCount(name, count),
  services: async () => cluster.services(),
  async exec(service: string, argv: string[], container?: string) {
    const child = cluster.exec(service, argv, 'pipe', container);
    child.stdin!.end();
    const [code, output, errors] = await Promise.all([exitCode(child), text(child.stdout!), text(child.stderr!)]);
    return { code, output, errors };
  },
  async call(operation: string, request: object) {
    const { statusCode, body } = await api.handle(`AmazonEC2ContainerServiceV20141113.${operation}`, JSON.stringify(request));
    return { statusCode, ...JSON.parse(body) as object };
  },
  secretRequests: async () => secretRequests,
  sessionOf: async (accessKeyId: string) => gate.keys.find(accessKeyId)?.session,
  createRole: async (arn: string, trustPolicy: object, ...policies: object[]) => gate.iam.createRole({
    arn, trustPolicy: parsePolicy('trust', trustPolicy, arn), policies: policies.map(policy => parsePolicy('inline', policy)), managedPolicies: [],
  }),
  sleeps: async () => clock.sleeps,
  holdClock: async () => clock.hold(),
  releaseClock: async () => clock.release(),
  denials: async () => gate.denials.list(),
  async stop(graceSeconds: number) {
    await cluster.stop(graceSeconds);
    await isolation.close();
  },
};

process.on('message', ({ id, order, args }: { id: number; order: keyof typeof orders; args: never[] }) => {
  (orders[order] as (...args: never[]) => Promise<unknown>)(...args).then(
    value => process.send!({ id, value }),
    error => process.send!({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
