import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

const ARN = 'arn:aws:ecs:eu-central-1:123456789012';
const PAGE = 100;

interface Request {
  readonly nextToken?: string;
  readonly serviceName?: string;
  readonly services?: string[];
  readonly tasks?: string[];
}

/** The ECS API of a service with that many workers, none of which ever leaves. It tells as much of each as AWS does. */
export class EcsFleet {
  static async listen(workers: number, addressOf: (worker: number) => string): Promise<EcsFleet> {
    const fleet = new EcsFleet(workers, addressOf);
    fleet.server.listen(0, '127.0.0.1');
    await once(fleet.server, 'listening');
    return fleet;
  }

  /** How often each operation was called. */
  readonly calls: Record<string, number> = {};
  private readonly server: Server;
  private readonly protectedTasks = new Set<string>();

  private constructor(private readonly workers: number, private readonly addressOf: (worker: number) => string) {
    this.server = createServer((incoming, response) => {
      void this.answer(incoming).then(answer => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer)));
    });
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(incoming: IncomingMessage): Promise<object> {
    const action = String(incoming.headers['x-amz-target']).split('.').at(-1)!;
    this.calls[action] = (this.calls[action] ?? 0) + 1;
    const request = await json(incoming) as Request;
    const tasks = request.tasks ?? [];
    switch (action) {
      case 'DescribeServices': return { services: [this.service(request.services![0])], failures: [] };
      case 'ListTasks': return this.page(Number(request.nextToken ?? 0));
      case 'DescribeTasks': return { tasks: tasks.map(arn => this.task(arn)), failures: [] };
      case 'UpdateTaskProtection': tasks.forEach(arn => this.protectedTasks.add(arn)); // and then as it is
    }
    return { protectedTasks: tasks.map(taskArn => this.protection(taskArn)), failures: [] };
  }

  private service(name: string): object {
    const taskDefinition = `${ARN}:task-definition/worker:1`;
    return {
      serviceName: name,
      desiredCount: this.workers,
      runningCount: this.workers,
      taskDefinition,
      deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED', taskDefinition, createdAt: 1_700_000_000 }],
    };
  }

  private page(start: number): object {
    const end = Math.min(start + PAGE, this.workers);
    const taskArns = Array.from({ length: end - start }, (_, index) => `${ARN}:task/cluster/${String(start + index).padStart(32, '0')}`);
    return { taskArns, ...end < this.workers && { nextToken: String(end) } };
  }

  private protection(taskArn: string): object {
    const protectionEnabled = this.protectedTasks.has(taskArn);
    return { taskArn, protectionEnabled, ...protectionEnabled && { expirationDate: Date.now() / 1000 + 2 * 86_400 } };
  }

  private task(taskArn: string): object {
    const id = taskArn.split('/').at(-1)!;
    const detail = (name: string, value: string) => ({ name, value });
    return {
      taskArn,
      taskDefinitionArn: `${ARN}:task-definition/worker:1`,
      clusterArn: `${ARN}:cluster/cluster`,
      group: 'service:worker',
      startedBy: 'ecs-svc/1',
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      availabilityZone: 'eu-central-1a',
      cpu: '1024',
      memory: '4096',
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      healthStatus: 'HEALTHY',
      connectivity: 'CONNECTED',
      createdAt: 1_700_000_000,
      startedAt: Date.now() / 1000 - 3600,
      attachments: [{
        id: `attachment-${id}`,
        type: 'ElasticNetworkInterface',
        status: 'ATTACHED',
        details: [
          detail('subnetId', 'subnet-0123456789abcdef0'), detail('networkInterfaceId', `eni-${id.slice(15)}`), detail('macAddress', '0a:00:00:00:00:00'),
          detail('privateDnsName', `ip-${this.addressOf(Number(id)).replaceAll('.', '-')}.eu-central-1.compute.internal`),
          detail('privateIPv4Address', this.addressOf(Number(id))),
        ],
      }],
      containers: [{
        containerArn: `${ARN}:container/cluster/${id}/worker`,
        taskArn,
        name: 'worker',
        image: 'apache/airflow:3.3.2',
        imageDigest: `sha256:${'0'.repeat(64)}`,
        runtimeId: `${id}-1`,
        lastStatus: 'RUNNING',
        healthStatus: 'HEALTHY',
        cpu: '0',
        networkBindings: [],
        networkInterfaces: [{ attachmentId: `attachment-${id}`, privateIpv4Address: this.addressOf(Number(id)) }],
      }],
      overrides: { containerOverrides: [{ name: 'worker' }], inferenceAcceleratorOverrides: [] },
      tags: [],
      version: 3,
    };
  }
}
