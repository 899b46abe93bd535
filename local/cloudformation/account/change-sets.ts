import { randomUUID } from 'node:crypto';
import { deepEqual, diffTemplate, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { AccountStack, Submission } from './account-stack';
import type { PhysicalNames } from '../physical-names';

export interface ResourceChange {
  readonly Action: 'Add' | 'Modify' | 'Remove';
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly Replacement?: 'True' | 'False' | 'Conditional';
  readonly Scope?: readonly string[];
}

/** What would be done to a stack, until somebody has it done. */
export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stack: AccountStack;
  readonly createdAt: string;
  readonly submission: Submission;
  readonly changes: readonly ResourceChange[];
  /** Nothing would be done: AWS calls that a failure. */
  readonly isEmpty: boolean;
}

export const EMPTY_REASON = "The submitted information didn't contain changes. Submit different information to create a change set.";

/** In the engine's memory: who deploys makes another one. */
export class ChangeSets {
  private readonly all: ChangeSet[] = [];

  create(name: string, stack: AccountStack, submission: Submission, names: Pick<PhysicalNames, 'arn'>): ChangeSet {
    const { resources } = stack.check(submission);
    const changes = changesOf(stack, resources);
    const changeSet: ChangeSet = {
      id: names.arn('cloudformation', `changeSet/${name}/${randomUUID()}`),
      name,
      stack,
      createdAt: new Date().toISOString(),
      submission,
      changes,
      isEmpty: changes.length === 0 && stack.status.endsWith('_COMPLETE') && isSame(stack.submission, submission),
    };
    this.all.push(changeSet);
    return changeSet;
  }

  /** By id, or by its name and the stack's name or id. */
  find(reference: string, stackReference?: string): ChangeSet | undefined {
    const isMeant = ({ id, name, stack }: ChangeSet) => id === reference || (name === reference && [stack.name, stack.id].includes(stackReference!));
    return [...this.all].reverse().find(isMeant);
  }

  of(stack: AccountStack): ChangeSet[] {
    return this.all.filter(changeSet => changeSet.stack === stack);
  }

  delete(changeSet: ChangeSet): void {
    this.all.splice(this.all.indexOf(changeSet), 1);
  }

  /** One that is executed makes all of its stack obsolete. */
  deleteAll(stack: AccountStack): void {
    this.of(stack).forEach(changeSet => this.delete(changeSet));
  }
}

/** Beside resources: outputs, tags and values of parameters. */
function isSame(before: Submission | undefined, after: Submission): boolean {
  return before !== undefined && deepEqual(before.template.Outputs ?? {}, after.template.Outputs ?? {})
    && deepEqual(before.tags, after.tags) && deepEqual(before.resolved, after.resolved);
}

function changesOf(stack: AccountStack, resources: Submission['template']['Resources']): ResourceChange[] {
  const existing = new Map(stack.resources.map(resource => [resource.logicalId, resource]));
  const declared = stack.submission ? stack.check(stack.submission).resources : {};
  const before = Object.fromEntries(Object.entries(declared).filter(([logicalId]) => existing.has(logicalId)));
  const { changes } = diffTemplate({ Resources: before }, { Resources: resources }).resources;
  return Object.entries(changes).flatMap(([logicalId, change]): ResourceChange[] => {
    const about = { LogicalResourceId: logicalId, ResourceType: (change.newResourceType ?? change.oldResourceType) as string };
    if (change.isAddition) return [{ Action: 'Add', ...about }];
    const PhysicalResourceId = existing.get(logicalId)!.physicalId;
    if (change.isRemoval) return [{ Action: 'Remove', ...about, PhysicalResourceId }];
    if (!change.isUpdate) return [];
    return [{ Action: 'Modify', ...about, PhysicalResourceId, Replacement: replacementOf(change.changeImpact), Scope: ['Properties'] }];
  });
}

function replacementOf(impact: ResourceImpact): ResourceChange['Replacement'] {
  switch (impact) {
    case ResourceImpact.WILL_REPLACE:
      return 'True';
    case ResourceImpact.MAY_REPLACE:
      return 'Conditional';
    default:
      return 'False';
  }
}
