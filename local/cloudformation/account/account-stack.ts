import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors';
import type { Assets, Stack } from '../assembly';
import type { Cloud } from '../cloud';
import type { Deployment } from '../deployment';
import { LocalStack, type LocalStackOptions } from '../local-stack';
import { PhysicalNames } from '../physical-names';
import type { StackResource } from '../resource';
import { isKnownType } from '../resources/resource-types';
import type { Surroundings } from '../scope';
import { readEvents, StackEvents, type StackEvent, type StackStatus } from '../stack-events';
import { templateProblems, type Output, type ResourceDeclaration, type Template } from '../template';

/** What somebody deploys. */
export interface Submission {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  /** Values of all parameters, with those of SSM. */
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly roleArn?: string;
}

/** What is known of a stack besides its resources, in a file that is written at each change. */
interface About {
  readonly name: string;
  readonly uuid: string;
  readonly createdAt: string;
  readonly updatedAt?: string;
  readonly deletedAt?: string;
  readonly terminationProtection?: boolean;
  readonly disableRollback?: boolean;
  /** The last one, and the last one that succeeded. */
  readonly submitted?: Submission;
  readonly deployed?: Submission;
}

export interface AccountStackOptions extends Omit<LocalStackOptions, 'uuid' | 'stateFolder' | 'onEvent'> {
  readonly cloud: Cloud;
  /** Folder of this stack. */
  readonly folder: string;
  readonly assets: Assets;
  /** Realise templates with resource types that the runner does not know: they get a name. */
  readonly allowUnrealised: boolean;
  readonly surroundings: (parameters: Submission['parameters'], stack: AccountStack) => Surroundings;
  readonly onDeployed?: (stack: AccountStack, deployment: Deployment) => void;
  readonly onEvent?: (stack: string, event: StackEvent) => void;
}

const ABOUT = 'about.json';

/** A stack of an account: what CloudFormation's API tells of it, around the `LocalStack` that does the work. */
export class AccountStack {
  static async create(name: string, uuid: string, options: AccountStackOptions): Promise<AccountStack> {
    const stack = await AccountStack.of({ name, uuid, createdAt: new Date().toISOString() }, options);
    stack.remember({});
    return stack;
  }

  /** One that an earlier engine has made; undefined if there is none in the folder. */
  static async open(options: AccountStackOptions): Promise<AccountStack | undefined> {
    const file = join(options.folder, ABOUT);
    return existsSync(file) ? AccountStack.of(JSON.parse(readFileSync(file, 'utf-8')) as About, options) : undefined;
  }

  private static async of(about: About, options: AccountStackOptions): Promise<AccountStack> {
    const { cloud, folder, logFolder, onEvent } = options;
    const local = await LocalStack.open(stackOf(about.name, { Resources: {} }, options.assets), cloud, {
      ...options,
      uuid: about.uuid,
      stateFolder: folder,
      logFolder: join(logFolder, about.name),
      onEvent: event => onEvent?.(about.name, { ...event, time: new Date().toISOString() }),
    });
    return new AccountStack(about, local, options);
  }

  readonly id: string;

  private constructor(private about: About, private readonly local: LocalStack, private readonly options: AccountStackOptions) {
    this.id = new PhysicalNames(about.name, options.cloud, 0, about.uuid).stackId;
  }

  get name(): string {
    return this.about.name;
  }

  get status(): StackStatus {
    return this.local.state.status ?? 'REVIEW_IN_PROGRESS';
  }

  get details(): Omit<About, 'submitted' | 'deployed'> & { readonly reason?: string } {
    return { ...this.about, reason: this.local.state.reason };
  }

  get outputs(): readonly Output[] {
    return this.local.state.outputs;
  }

  get imports(): readonly string[] {
    return this.status === 'DELETE_COMPLETE' ? [] : this.local.state.imports;
  }

  get resources(): StackResource[] {
    return this.local.state.all();
  }

  /** What it is made of, or was to be made of where that failed and nothing was rolled back. */
  get submission(): Submission | undefined {
    const { submitted, deployed } = this.about;
    return this.status.endsWith('_FAILED') ? submitted : deployed ?? submitted;
  }

  events(): StackEvent[] {
    return readEvents(this.options.folder);
  }

  /** Throws what is wrong with it, before anything is done. */
  check({ template, parameters }: Omit<Submission, 'resolved'>): { resources: Record<string, ResourceDeclaration> } {
    const stack = this.stackOf(template);
    if (stack.problems.length > 0) throw new UserError(stack.problems.join('; '));
    const undeclared = Object.keys(parameters).filter(name => !Object.hasOwn(template.Parameters ?? {}, name));
    if (undeclared.length > 0) throw new UserError(`Parameters: [${undeclared.join(', ')}] do not exist in the template`);
    const checked = this.local.check(stack, this.surroundings(parameters));
    const unknown = [...new Set(Object.values(checked.resources).map(({ Type }) => Type))].filter(type => !isKnownType(type));
    if (unknown.length > 0 && !this.options.allowUnrealised) {
      throw new UserError(`Template format error: Unrecognized resource types: [${unknown.join(', ')}] [local: with --allow-unrealised they get a name, and nothing is behind it]`);
    }
    return checked;
  }

  /** Records failures, and rejects with none. */
  async deploy(submitted: Submission, disableRollback: boolean): Promise<void> {
    this.remember({ submitted, disableRollback });
    await this.work(async () => {
      // what an earlier engine has made cannot be brought back after a failure: nothing stands for it
      const rollBack = !disableRollback && (this.local.isAlive || this.about.deployed === undefined);
      const surroundings = this.surroundings(submitted.parameters);
      const deployment = await this.local.deploy(this.stackOf(submitted.template), { rollBack, surroundings });
      this.remember({ deployed: submitted, ...this.about.deployed && { updatedAt: new Date().toISOString() } });
      this.options.onDeployed?.(this, deployment);
    });
  }

  async rollBack(skip: readonly string[] = []): Promise<void> {
    await this.work(async () => this.local.rollBackFailed(this.current, 'User Initiated', skip));
  }

  async delete(retain: readonly string[] = []): Promise<void> {
    await this.work(async () => {
      await this.local.delete(this.current, { retain, surroundings: this.surroundings({}) });
      this.remember({ deletedAt: new Date().toISOString() });
      await this.local.close();
    });
  }

  /** After a start of the engine: brings back what the last deployment has made. One that was cut off is as good as rolled back. */
  async resume(): Promise<void> {
    const { status, about: { deployed } } = this;
    if (status === 'DELETE_IN_PROGRESS' || status === 'DELETE_FAILED') {this.become('DELETE_FAILED', status === 'DELETE_FAILED' ? undefined : CUT_OFF);} else if (!deployed) {this.become('ROLLBACK_FAILED', CUT_OFF);} else {
      const isComplete = status.endsWith('_COMPLETE');
      await this.work(async () => {
        const surroundings = this.surroundings(deployed.parameters);
        const deployment = await this.local.deploy(this.stackOf(deployed.template), { rollBack: false, surroundings });
        if (!isComplete) this.become('UPDATE_ROLLBACK_COMPLETE', CUT_OFF);
        this.options.onDeployed?.(this, deployment);
      });
    }
  }

  setTerminationProtection(terminationProtection: boolean): void {
    this.remember({ terminationProtection });
  }

  async close(): Promise<void> {
    await this.local.close();
  }

  private get current(): Stack {
    return this.stackOf(this.submission?.template ?? { Resources: {} });
  }

  private stackOf(template: Template): Stack {
    return stackOf(this.name, template, this.options.assets);
  }

  private surroundings(parameters: Submission['parameters']): Surroundings {
    return this.options.surroundings(parameters, this);
  }

  private become(status: StackStatus, reason?: string): void {
    if (this.status === status) return;
    this.local.state.setStatus(status, reason);
    new StackEvents(this.name, this.id, this.options.folder).ofStack(status, reason);
  }

  /** A failure is in the events; of what nobody has thought of there is more in the log. */
  private async work(step: () => Promise<void>): Promise<void> {
    await step().catch((error: Error) => {
      if (!(error instanceof UserError) && !this.options.signal?.aborted) console.error(error);
    });
  }

  private remember(change: Partial<About>): void {
    this.about = { ...this.about, ...change };
    const file = join(this.options.folder, ABOUT);
    mkdirSync(this.options.folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify(this.about), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

const CUT_OFF = 'the engine ended meanwhile';

function stackOf(name: string, template: Template, assets: Assets): Stack {
  const paths = Object.entries(template.Resources).flatMap(([logicalId, { Metadata }]) => {
    const path = Metadata?.['aws:cdk:path'];
    return typeof path === 'string' ? [[logicalId, path.replace(/\/Resource$/, '')] as const] : [];
  });
  return { name, displayName: name, template, assets, paths: new Map(paths), dagDirectories: [], problems: templateProblems(template, 'the template') };
}
