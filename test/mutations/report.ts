import { EXCLUSIONS } from './exclusions';
import { Mutant, Score } from './systematic';
import { table } from '../../tools/table';

/** The score, what is left out, and what nothing catches, resource by resource. */
export function report({ total, caught, survivors, excluded, uses }: Score): string {
  const reasons = EXCLUSIONS.map(({ reason }, index) => [String(uses[index]), reason]);
  const resources = new Set(survivors.map(({ logicalId }) => logicalId));
  const ofResource = (id: string) => survivors.filter(({ logicalId }) => logicalId === id);
  return [
    ...[...resources].map(ofResource).flatMap(mutants => [`${mutants[0].logicalId} (${mutants[0].kind})`, ...mutants.map(line), '']),
    `left out are ${excluded} of ${excluded + total} mutants:`,
    table(['mutants', 'reason'], reasons, ['mutants']),
    '',
    `of ${total} mutants ${caught} are caught: ${percent(caught / total)}`,
  ].join('\n');
}

function line({ operation, place, before, after }: Mutant): string {
  return operation === 'delete' ? `  delete ${place}: ${short(before)}` : `  change ${place}: ${short(before)} -> ${short(after)}`;
}

/** The end of a text is what differs. */
function short(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > LONGEST ? `…${json.slice(-LONGEST)}` : json;
}

const LONGEST = 60;

/** Rounded down: 100 % is all of them. */
function percent(part: number): string {
  return `${Math.floor(part * 1000) / 10} %`;
}
