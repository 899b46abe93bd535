import type { Account } from './account';
import type { AccountStack } from './account-stack';
import { ChangeSets, type ChangeSet } from './change-sets';
import { changeSetOf, descriptionOf, eventsOf, resourceOf, summaryOf } from './descriptions';
import { parseSubmission, parseTemplate, type TemplateSource } from './submission';
import { QueryError, type QueryInput } from '../../aws-api/query-protocol';
import { UserError } from '../../errors';
import type { PhysicalNames } from '../physical-names';

type Operation = (input: QueryInput) => object | Promise<object>;

const EVENTS_OF_A_PAGE = 100;
/** They can only be deleted, or rolled back once more. */
const FINAL = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED', 'DELETE_COMPLETE'];

/** CloudFormation's API over the stacks of an account: what `cdk`, integ-runner and `aws cloudformation` ask for. */
export class CloudFormationApi {
  private readonly changeSets = new ChangeSets();
  private readonly operations: Record<string, Operation> = {
    ContinueUpdateRollback: input => this.continueRollback(input),
    CreateChangeSet: async input => this.createChangeSet(input),
    CreateStack: async input => this.createStack(input),
    DeleteChangeSet: input => this.deleteChangeSet(input),
    DeleteStack: input => this.deleteStack(input),
    DescribeChangeSet: input => changeSetOf(this.changeSet(input)),
    DescribeStackEvents: input => page(eventsOf(this.stack(input, name => `Stack [${name}] does not exist`)), input),
    DescribeStackResource: input => ({ StackResourceDetail: this.resources(input)[0] }),
    DescribeStackResources: input => ({ StackResources: this.resources(input) }),
    DescribeStacks: input => ({ Stacks: (input.StackName === undefined ? this.living() : [this.stack(input)]).map(descriptionOf) }),
    ExecuteChangeSet: input => this.executeChangeSet(input),
    GetStackPolicy: () => ({}),
    GetTemplate: input => this.getTemplate(input),
    GetTemplateSummary: input => this.getTemplateSummary(input),
    ListChangeSets: input => ({ Summaries: this.changeSets.of(this.stack(input)).map(changeSetOf) }),
    ListExports: () => ({
      Exports: this.account.exports().map(({ stack, name, value }) => ({ ExportingStackId: stack.id, Name: name, Value: value })),
    }),
    ListImports: ({ ExportName }) => this.listImports(String(ExportName)),
    ListStackResources: input => ({ StackResourceSummaries: this.resources(input) }),
    ListStacks: input => this.listStacks(input),
    RollbackStack: input => this.rollBack(input),
    UpdateStack: input => this.updateStack(input),
    UpdateTerminationProtection: input => this.protect(input),
    ValidateTemplate: input => this.validateTemplate(input),
  };

  constructor(private readonly account: Account, private readonly source: TemplateSource, private readonly names: Pick<PhysicalNames, 'arn'>) {}

  /** Rejects with what CloudFormation would answer. */
  async handle(operation: string, input: QueryInput): Promise<object> {
    if (!Object.hasOwn(this.operations, operation)) {
      throw new QueryError(`the local CloudFormation has no operation ${operation}`, 'InvalidAction');
    }
    try {
      return await this.operations[operation](input);
    } catch (error) {
      throw error instanceof UserError ? new QueryError(error.message) : error;
    }
  }

  private async createChangeSet(input: QueryInput): Promise<object> {
    const name = String(input.StackName);
    const changeSetName = String(input.ChangeSetName);
    const existing = this.account.find(name);
    const isNew = input.ChangeSetType === 'CREATE';
    if (isNew && existing && existing.status !== 'REVIEW_IN_PROGRESS') {
      throw new QueryError(`Stack [${name}] already exists and cannot be created again with the changeSet [${changeSetName}].`, 'AlreadyExistsException');
    }
    if (!isNew && !existing) throw new QueryError(`Stack [${name}] does not exist`);
    if (!isNew) requireUpdatable(existing!);
    if (this.changeSets.find(changeSetName, name)) throw new QueryError(`ChangeSet ${changeSetName} cannot be created due to a mismatch with existing attribute Name`, 'AlreadyExistsException');
    const submission = this.submissionOf(input, existing);
    const stack = existing ?? await this.account.create(name);
    const { id } = this.changeSets.create(changeSetName, stack, submission, this.names);
    return { Id: id, StackId: stack.id };
  }

  private executeChangeSet(input: QueryInput): object {
    const changeSet = this.changeSet(input);
    const { stack, submission, isEmpty } = changeSet;
    if (isEmpty) throw new QueryError(`ChangeSet [${changeSet.id}] cannot be executed in its current status of [FAILED]`, 'InvalidChangeSetStatus');
    if (stack.status !== 'REVIEW_IN_PROGRESS') requireUpdatable(stack);
    stack.check(submission);
    this.changeSets.deleteAll(stack);
    void stack.deploy(submission, String(input.DisableRollback) === 'true');
    return {};
  }

  private deleteChangeSet({ ChangeSetName, StackName }: QueryInput): object {
    const changeSet = this.changeSets.find(String(ChangeSetName), StackName as string | undefined);
    if (changeSet) this.changeSets.delete(changeSet);
    return {};
  }

  private async createStack(input: QueryInput): Promise<object> {
    const name = String(input.StackName);
    if (this.account.find(name)) throw new QueryError(`Stack [${name}] already exists`, 'AlreadyExistsException');
    const submission = this.submissionOf(input, undefined);
    const stack = await this.account.create(name);
    stack.check(submission);
    if (String(input.EnableTerminationProtection) === 'true') stack.setTerminationProtection(true);
    void stack.deploy(submission, String(input.DisableRollback) === 'true' || input.OnFailure === 'DO_NOTHING');
    return { StackId: stack.id };
  }

  private updateStack(input: QueryInput): object {
    const stack = this.stack(input);
    requireUpdatable(stack);
    const submission = this.submissionOf(input, stack);
    const changeSet = this.changeSets.create('update', stack, submission, this.names);
    this.changeSets.deleteAll(stack);
    if (changeSet.isEmpty) throw new QueryError('No updates are to be performed.');
    void stack.deploy(submission, String(input.DisableRollback) === 'true');
    return { StackId: stack.id };
  }

  private deleteStack({ StackName, RetainResources }: QueryInput): object {
    const stack = this.account.find(String(StackName));
    if (!stack || stack.status.startsWith('DELETE_') && stack.status !== 'DELETE_FAILED') return {};
    if (stack.details.terminationProtection) throw new QueryError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    requireRest(stack);
    const retained = (Array.isArray(RetainResources) ? RetainResources : []).map(String);
    if (retained.length > 0 && stack.status !== 'DELETE_FAILED') {
      throw new QueryError(`Invalid operation on stack [${stack.id}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.`);
    }
    this.changeSets.deleteAll(stack);
    void stack.delete(retained);
    return {};
  }

  private rollBack(input: QueryInput): object {
    const stack = this.stack(input);
    if (!['CREATE_FAILED', 'UPDATE_FAILED'].includes(stack.status)) throw new QueryError(`Stack: [${stack.id}] RollbackStack is not allowed in ${stack.status} state.`);
    void stack.rollBack();
    return { StackId: stack.id };
  }

  private continueRollback(input: QueryInput): object {
    const stack = this.stack(input);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') throw new QueryError(`Stack [${stack.id}] is in ${stack.status} state and can not continue update rollback.`);
    void stack.rollBack((Array.isArray(input.ResourcesToSkip) ? input.ResourcesToSkip : []).map(String));
    return {};
  }

  private protect(input: QueryInput): object {
    const stack = this.stack(input);
    stack.setTerminationProtection(String(input.EnableTerminationProtection) === 'true');
    return { StackId: stack.id };
  }

  private getTemplate(input: QueryInput): object {
    const template = (input.ChangeSetName === undefined ? this.stack(input).submission : this.changeSet(input).submission)?.template;
    return { TemplateBody: template && JSON.stringify(template), StagesAvailable: ['Original', 'Processed'] };
  }

  private getTemplateSummary(input: QueryInput): object {
    const template = parseTemplate(input, this.source) ?? this.stack(input).submission?.template;
    return {
      Parameters: Object.entries(template?.Parameters ?? {}).map(([ParameterKey, { Type, Default, NoEcho }]) => ({
        ParameterKey, ParameterType: Type, DefaultValue: Default, NoEcho: String(NoEcho) === 'true',
      })),
      ResourceTypes: [...new Set(Object.values(template?.Resources ?? {}).map(({ Type }) => Type))].sort(),
      ResourceIdentifierSummaries: [],
      Capabilities: [],
    };
  }

  private validateTemplate(input: QueryInput): object {
    const template = parseTemplate(input, this.source);
    if (!template) throw new QueryError('Either Template URL or Template Body must be specified.');
    return {
      Parameters: Object.entries(template.Parameters ?? {}).map(([ParameterKey, { Default, NoEcho }]) => ({ ParameterKey, DefaultValue: Default, NoEcho: String(NoEcho) === 'true' })),
      Capabilities: [],
    };
  }

  private listStacks({ StackStatusFilter }: QueryInput): object {
    const wanted = Array.isArray(StackStatusFilter) ? StackStatusFilter.map(String) : undefined;
    return { StackSummaries: this.account.all.filter(({ status }) => wanted?.includes(status) ?? true).map(summaryOf) };
  }

  private listImports(name: string): object {
    const importers = this.account.importers(name);
    if (importers.length === 0) throw new QueryError(`Export '${name}' is not imported by any stack.`);
    return { Imports: importers.map(stack => stack.name) };
  }

  private resources(input: QueryInput): object[] {
    const stack = this.stack(input);
    const { LogicalResourceId: wanted } = input;
    const found = stack.resources.filter(({ logicalId }) => wanted === undefined || logicalId === wanted);
    if (wanted !== undefined && found.length === 0) throw new QueryError(`Resource ${String(wanted)} does not exist for stack ${stack.name}`);
    return found.map(resource => resourceOf(resource, stack));
  }

  private submissionOf(input: QueryInput, stack: AccountStack | undefined) {
    return parseSubmission(input, stack, this.source, parameters => this.account.surroundings(parameters, stack));
  }

  private living(): AccountStack[] {
    return this.account.all.filter(({ status }) => status !== 'DELETE_COMPLETE');
  }

  /** `missing` is what the CDK command line knows a stack by that has just gone: operations have words of their own. */
  private stack({ StackName }: QueryInput, missing = (name: string) => `Stack with id ${name} does not exist`): AccountStack {
    const stack = this.account.find(String(StackName));
    if (!stack) throw new QueryError(missing(String(StackName)));
    return stack;
  }

  private changeSet({ ChangeSetName, StackName }: QueryInput): ChangeSet {
    const changeSet = this.changeSets.find(String(ChangeSetName), StackName as string | undefined);
    if (!changeSet) throw new QueryError(`ChangeSet [${String(ChangeSetName)}] does not exist`, 'ChangeSetNotFound', 404);
    return changeSet;
  }
}

function page(events: object[], { NextToken = '0' }: QueryInput): object {
  const end = Number(NextToken) + EVENTS_OF_A_PAGE;
  return { StackEvents: events.slice(Number(NextToken), end), NextToken: end < events.length ? String(end) : undefined };
}

function requireRest({ id, status }: AccountStack): void {
  if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS') throw new QueryError(`Stack:${id} is in ${status} state and can not be updated.`);
}

function requireUpdatable(stack: AccountStack): void {
  requireRest(stack);
  if (FINAL.includes(stack.status)) throw new QueryError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
}
