import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Account } from '../../../../local/cloudformation/account/account';
import { CloudFormationApi } from '../../../../local/cloudformation/account/cloudformation-api';
import { PhysicalNames } from '../../../../local/cloudformation/physical-names';
import type { ResourceType, StackResource } from '../../../../local/cloudformation/resource';
import type { ResourceDeclaration, Template } from '../../../../local/cloudformation/template';
import { UserError } from '../../../../local/errors';
import { until } from '../../until';
import { TestCloud } from '../support';

/** Anything that tells of an account. */
export type Described = Record<string, unknown> & { Stacks: Record<string, unknown>[] };

type Input = Record<string, unknown> & { template?: Partial<Template> };

/** An account whose resources are all of one type, which does what the test says. */
export class TestAccount {
  static async start(allowUnrealised = true): Promise<TestAccount> {
    const test = new TestAccount(await TestCloud.start(), allowUnrealised);
    await test.open();
    return test;
  }

  /** What was done, in order: `create A`, `delete A`. */
  readonly done: string[] = [];
  /** What fails: `update A`. */
  readonly failing = new Set<string>();
  account!: Account;
  api!: CloudFormationApi;

  private readonly type: ResourceType = {
    create: ({ logicalId, properties }, { names }) => {
      this.act('create', logicalId);
      return { ref: `${logicalId}-${names.hash(logicalId, 'test', 4)}`, attributes: { Value: properties.Value } };
    },
    update: ({ logicalId, properties }, _context, { physicalId }) => {
      this.act('update', logicalId);
      return { ref: physicalId, attributes: { Value: properties.Value } };
    },
    resume: ({ logicalId }, _context, { physicalId, attributes }) => {
      this.act('resume', logicalId);
      return { ref: physicalId, attributes };
    },
    updates: { Value: 'supported' },
    delete: ({ logicalId }: StackResource) => this.act('delete', logicalId),
  };

  private constructor(readonly cloud: TestCloud, private readonly allowUnrealised: boolean) {}

  /** By a new engine. */
  async open(): Promise<void> {
    const { cloud } = this.cloud;
    this.account = await Account.open({
      cloud,
      folder: join(this.cloud.folder, 'stacks'),
      logFolder: join(this.cloud.folder, 'logs'),
      nodePath: resolve(__dirname, '../../../../node_modules'),
      assets: { get: () => undefined },
      ssmParameter: name => cloud.parameters.find(name)?.value,
      allowUnrealised: this.allowUnrealised,
      resourceType: () => this.type,
    });
    await this.account.resume();
    this.api = new CloudFormationApi(this.account, { read: () => '' }, new PhysicalNames('', cloud));
  }

  /** As if the engine had been killed with the stack in this state. */
  async reopen(status?: string): Promise<void> {
    const [stack] = this.account.all;
    const folder = join(this.cloud.folder, 'stacks', `${stack.name}-${stack.id.split('/').at(-1)!.slice(0, 8)}`);
    if (status !== undefined) {
      mkdirSync(folder, { recursive: true });
      const resources = Object.fromEntries(stack.resources.map(resource => [resource.logicalId, resource]));
      writeFileSync(join(folder, 'stack.json'), JSON.stringify({ status, resources, superfluous: [], generations: {} }));
    }
    await this.account.close();
    await this.open();
  }

  async stop(): Promise<void> {
    await this.account.close();
    await this.cloud.stop();
  }

  async call(operation: string, input: Record<string, unknown> = {}): Promise<Described> {
    return await this.api.handle(operation, input) as Described;
  }

  /** Until the stack is at rest; gives its status. */
  async deploy(StackName: string, resources: Record<string, ResourceDeclaration>, { template, ...input }: Input = {}): Promise<string> {
    const TemplateBody = JSON.stringify({ Resources: resources, ...template });
    const ChangeSetType = this.account.find(StackName) ? 'UPDATE' : 'CREATE';
    await this.call('CreateChangeSet', { StackName, ChangeSetName: 'change', ChangeSetType, TemplateBody, ...input });
    await this.call('ExecuteChangeSet', { StackName, ChangeSetName: 'change', ...input });
    return this.rest(StackName);
  }

  async rest(name: string): Promise<string> {
    const stack = this.account.find(name)!;
    return until(`${name} is at rest`, () => !stack.status.endsWith('IN_PROGRESS') && stack.status);
  }

  private act(verb: string, logicalId: string): void {
    this.done.push(`${verb} ${logicalId}`);
    if (this.failing.has(`${verb} ${logicalId}`)) throw new UserError(`cannot ${verb}`);
  }
}

export const item = (Value: unknown, more: Partial<ResourceDeclaration> = {}): ResourceDeclaration => ({ Type: 'Test::Type', Properties: { Value }, ...more });
