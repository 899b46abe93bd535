import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AccountStack, type AccountStackOptions, type Submission } from './account-stack';
import { UserError } from '../../errors';
import { RealisedResources } from '../realised-resources';
import type { Surroundings } from '../scope';

export interface AccountOptions extends Omit<AccountStackOptions, 'folder' | 'surroundings' | 'realised'> {
  /** Has a folder for each stack, and nothing else. */
  readonly folder: string;
  /** Value of an SSM parameter; undefined if there is none. */
  readonly ssmParameter: (name: string) => string | undefined;
}

/** The stacks of one account in one region, and what they give each other. */
export class Account {
  /** With the stacks of an earlier engine, which are not brought back yet. */
  static async open(options: AccountOptions): Promise<Account> {
    const account = new Account(options);
    for (const name of existsSync(options.folder) ? readdirSync(options.folder) : []) {
      const folder = join(options.folder, name);
      const stack = await AccountStack.open(account.optionsOf(folder));
      if (stack && !['DELETE_COMPLETE', 'REVIEW_IN_PROGRESS'].includes(stack.status)) {account.all.push(stack);} else {
        await stack?.close();
        rmSync(folder, { recursive: true });
      }
    }
    account.all.sort((one, other) => one.details.createdAt.localeCompare(other.details.createdAt));
    return account;
  }

  /** The oldest first; those that are deleted as well. */
  readonly all: AccountStack[] = [];
  private readonly realised = new RealisedResources();

  private constructor(private readonly options: AccountOptions) {}

  /** Whoever reads an export has been made after whoever exports it: one after the other, in that order. */
  async resume(): Promise<void> {
    for (const stack of this.all) await stack.resume();
  }

  /** By name, unless it is deleted, or by id. */
  find(reference: string): AccountStack | undefined {
    return [...this.all].reverse().find(({ id, name, status }) => id === reference || (name === reference && status !== 'DELETE_COMPLETE'));
  }

  async create(name: string): Promise<AccountStack> {
    if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) {
      throw new UserError(`1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`);
    }
    const uuid = randomUUID();
    const folder = join(this.options.folder, `${name}-${uuid.slice(0, 8)}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stack = await AccountStack.create(name, uuid, this.optionsOf(folder));
    this.all.push(stack);
    return stack;
  }

  exports(): { readonly stack: AccountStack; readonly name: string; readonly value: string }[] {
    return this.all.flatMap(stack => stack.outputs.flatMap(({ exportName: name, value }) => name === undefined ? [] : [{ stack, name, value }]));
  }

  importers(name: string): AccountStack[] {
    return this.all.filter(({ imports }) => imports.includes(name));
  }

  async close(): Promise<void> {
    await Promise.all(this.all.filter(({ status }) => status !== 'DELETE_COMPLETE').map(async stack => stack.close()));
  }

  /** @param stack undefined for one that is not there yet */
  surroundings(parameters: Submission['parameters'], stack: AccountStack | undefined): Surroundings {
    const others = () => this.exports().filter(exported => exported.stack !== stack);
    return {
      parameters,
      ssmParameter: this.options.ssmParameter,
      exported: name => others().find(exported => exported.name === name)?.value,
      checkExports: values => {
        const taken = others().find(({ name }) => values.has(name));
        if (taken) throw new UserError(`Export with name ${taken.name} is already exported by stack ${taken.stack.name}. Rollback requested by user.`);
        for (const { name } of this.exports().filter(exported => exported.stack === stack && values.get(exported.name) !== exported.value)) {
          const users = this.importers(name).map(user => user.name);
          const verb = values.has(name) ? 'update' : 'delete';
          if (users.length > 0) throw new UserError(`Cannot ${verb} export ${name} as it is in use by ${users.join(', ')}.`);
        }
      },
    };
  }

  private optionsOf(folder: string): AccountStackOptions {
    return { ...this.options, folder, realised: this.realised, surroundings: (parameters, stack) => this.surroundings(parameters, stack) };
  }
}
