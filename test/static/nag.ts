import { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { Finding } from './accepted';

/** The rule packs of cdk-nag that are looked at. */
export const NAG_PACKS = {
  'AwsSolutions': () => new AwsSolutionsChecks(),
  'NIST 800-53 R5': () => new NIST80053R5Checks(),
  'HIPAA': () => new HIPAASecurityChecks(),
  'PCI DSS 3.2.1': () => new PCIDSS321Checks(),
} satisfies Record<string, () => NagPack>;

/** What the rules of a pack find in a stack, by the path of the construct. */
export function nag(stack: Stack, pack: keyof typeof NAG_PACKS = 'AwsSolutions'): Finding[] {
  const { violations } = NAG_PACKS[pack]().validateScope(stack.node.root);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => ({ rule: ruleName, where: constructPath! })));
}
