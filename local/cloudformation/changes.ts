import { diffTemplate, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { UserError } from '../errors';
import type { Properties } from './template';

export interface Change {
  /** Names of the properties that differ; none: nothing is to be done. */
  readonly properties: readonly string[];
  /** Whether AWS makes a new physical resource of it. */
  readonly replacement: boolean;
}

/** What differs between two states of a resource, and what AWS's registry says about that. */
export function changeOf(type: string, before: Properties, after: Properties): Change {
  const template = (Properties: Properties) => ({ Resources: { R: { Type: type, Properties } } });
  const difference = diffTemplate(template(before), template(after)).resources.changes.R;
  const updates = Object.entries((difference as typeof difference | undefined)?.propertyUpdates ?? {}).filter(([, update]) => update.isDifferent);
  const conditional = updates.find(([, { changeImpact }]) => changeImpact === ResourceImpact.MAY_REPLACE);
  if (conditional) {
    throw new UserError(`its "${conditional[0]}" changes, and AWS decides case by case whether that needs a new resource: the local runner does not know`);
  }
  return {
    properties: updates.map(([name]) => name),
    replacement: updates.some(([, { changeImpact }]) => changeImpact === ResourceImpact.WILL_REPLACE),
  };
}
