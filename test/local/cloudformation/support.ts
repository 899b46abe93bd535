import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AwsStandIn } from './aws-stand-in';
import { ParameterStore } from '../../../local/aws-api/parameter-store';
import { LocalStack, type Deployment, type LocalStackOptions, type ResourceEvent, type Stack } from '../../../local/cloudformation';
import type { Cloud } from '../../../local/cloudformation/cloud';
import type { ResourceDeclaration, Template } from '../../../local/cloudformation/template';
import type { ServiceDefinition, ServiceUpdate, TaskDefinition } from '../../../local/ecs/definitions';
import type { CacheDefinition } from '../../../local/elasticache/definitions';
import { UserError } from '../../../local/errors';
import { AccessKeys } from '../../../local/iam/access-keys';
import { Iam } from '../../../local/iam/iam';
import type { SecurityGroupRule } from '../../../local/isolation/security-groups';
import type { LambdaFunction } from '../../../local/lambda/lambda-function';
import type { DatabaseDefinition } from '../../../local/postgres/definitions';

const ENVIRONMENT = { partition: 'aws', region: 'us-east-1', account: '123456789012' };

/** Promise of a rejection's message. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'did not fail', (error: Error) => error.message);
}

export function stackOf(resources: Record<string, ResourceDeclaration>, more: Partial<Omit<Stack, 'template'>> & { template?: Partial<Template> } = {}): Stack {
  return {
    name: 'Test',
    displayName: 'Test',
    assets: new Map(),
    paths: new Map(),
    dagDirectories: [],
    problems: [],
    ...more,
    template: { Resources: resources, ...more.template },
  };
}

/** Everything that a deployment needs, for one test. */
export class TestCloud {
  static async start(): Promise<TestCloud> {
    return new TestCloud(await AwsStandIn.start());
  }

  readonly folder = mkdtempSync(join(tmpdir(), 'cloudformation-test-'));
  readonly taskDefinitions: TaskDefinition[] = [];
  readonly services: ServiceDefinition[] = [];
  readonly serviceUpdates: ServiceUpdate[] = [];
  readonly deleted: string[] = [];
  readonly databases: DatabaseDefinition[] = [];
  readonly caches: CacheDefinition[] = [];
  readonly rules: SecurityGroupRule[] = [];
  readonly revoked: SecurityGroupRule[] = [];
  readonly parameters = new ParameterStore();
  readonly functions = new Map<string, LambdaFunction>();
  readonly accessKeys = new AccessKeys();
  readonly iam = new Iam(ENVIRONMENT);
  readonly events: ResourceEvent[] = [];
  enforcesSecurityGroups = true;
  /** How many of the next updates of services fail. */
  failingUpdates = 0;

  private constructor(readonly aws: AwsStandIn) {}

  get cloud(): Cloud {
    return {
      ...ENVIRONMENT,
      endpoint: this.aws.endpoint,
      accessKeys: this.accessKeys,
      iam: this.iam,
      ecs: {
        registerTaskDefinition: definition => void this.taskDefinitions.push(definition),
        deregisterTaskDefinition: arn => void this.deleted.push(arn),
        createService: async definition => void this.services.push(definition),
        updateService: async definition => {
          this.serviceUpdates.push(definition);
          if (this.failingUpdates-- > 0) throw new UserError('not steady');
        },
        deleteService: async arn => void this.deleted.push(arn),
      },
      functions: this.functions,
      parameters: this.parameters,
      databases: {
        create: async database => {
          this.databases.push(database);
          return { address: `${database.identifier.toLowerCase()}.example`, port: database.port };
        },
        setPassword: async (identifier, password) => void this.databases.push({ identifier, masterPassword: password } as DatabaseDefinition),
        delete: async (identifier, snapshot) => void this.deleted.push(snapshot === undefined ? identifier : `${identifier} as ${snapshot}`),
      },
      caches: {
        create: async cache => {
          this.caches.push(cache);
          return { primary: `master.${cache.domain}`, reader: `replica.${cache.domain}`, port: cache.port };
        },
        delete: async identifier => void this.deleted.push(identifier),
      },
      securityGroups: {
        enforced: this.enforcesSecurityGroups,
        authorize: async rules => void this.rules.push(...rules),
        revoke: async rules => void this.revoked.push(...rules),
        refused: async () => [],
      },
    };
  }

  /** By an engine of its own: the first deployment makes the stack, a further one finds what the engine before has left. */
  async deploy(stack: Stack, options: Partial<LocalStackOptions> = {}): Promise<Deployment> {
    const localStack = await this.open(stack, options);
    return localStack.deploy(stack).finally(() => localStack.close());
  }

  async open(stack: Stack, options: Partial<LocalStackOptions> = {}): Promise<LocalStack> {
    return LocalStack.open(stack, this.cloud, {
      stateFolder: this.stateFolder,
      logFolder: join(this.folder, 'logs'),
      nodePath: resolve(__dirname, '../../../node_modules'),
      onEvent: event => this.events.push(event),
      ...options,
    });
  }

  get stateFolder(): string {
    return join(this.folder, 'state');
  }

  async stop(): Promise<void> {
    await this.aws.stop();
    rmSync(this.folder, { recursive: true });
  }
}
