import { Stack } from 'aws-cdk-lib';
import { Finding, unaccepted } from '../test/static/accepted';
import { ACCEPTED_NAG } from '../test/static/accepted-nag';
import { nag, NAG_PACKS } from '../test/static/nag';
import { plainCdk } from '../test/static/plain-cdk';
import { STACKS } from '../test/static/stacks';

type Pack = keyof typeof NAG_PACKS;
const PACKS = Object.keys(NAG_PACKS) as Pack[];

export const NAG_HEADINGS = ['stack', ...PACKS, 'not accepted'];

/** Failed rules and their findings in each pack, and how many findings of AwsSolutions have no entry with a reason in `test/static/accepted-nag.ts`. */
export function nagFigures(): string[][] {
  const { default: defaults, development, production } = STACKS;
  return [
    ...Object.entries({ 'no preset': defaults, 'DEVELOPMENT': development, 'PRODUCTION': production }).map(([name, stack]) => (
      [...row(name, stack), String(unaccepted(nag(stack()), ACCEPTED_NAG).length)])),
    [...row('CDK\'s own constructs with their defaults', plainCdk), 'all'],
  ];
}

function row(name: string, stack: () => Stack): string[] {
  return [name, ...PACKS.map(pack => figure(nag(stack(), pack)))];
}

/** A rule that has several findings in one resource has the finding in its name. */
function figure(findings: Finding[]): string {
  return `${new Set(findings.map(({ rule }) => rule.replace(/\[.*/, ''))).size} (${findings.length})`;
}
