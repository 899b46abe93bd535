import { UserError } from '../../errors';
import type { Properties } from '../template';

/**
 * How the runner treats a property:
 * - `supported`: it has the same effect as on AWS
 * - `harmless`: what a container sees does not depend on it; the reason stands beside it
 * - `unsupported`: it would change what a container sees, so a template that sets it is refused
 */
export type Support = 'supported' | { readonly harmless: string } | 'unsupported';

export type PropertyTable = Record<string, Support>;

/** Refuses what is unsupported or unknown. Values that say "nothing" (`false`, `[]`, `{}`) are no use of a property. */
export function checkProperties(properties: Properties, table: PropertyTable, where: string): void {
  for (const [name, value] of Object.entries(properties)) {
    if (!Object.hasOwn(table, name)) {
      throw new UserError(`${where} has the property "${name}", which the local runner does not know`);
    }
    if (table[name] === 'unsupported' && !saysNothing(value)) {
      throw new UserError(`${where} uses "${name}" (${JSON.stringify(value)}), which the local runner cannot realise; leave it out to run this template locally`);
    }
  }
}

function saysNothing(value: unknown): boolean {
  return value === false || (typeof value === 'object' && value !== null && Object.values(value).every(saysNothing));
}
