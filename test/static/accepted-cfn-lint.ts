import { Accepted } from './accepted';

export const ACCEPTED_CFN_LINT: Accepted[] = [
  {
    rule: 'W3005',
    where: /^Resources\/\w+\/DependsOn\/\d+$/,
    reason: 'a dependency that a reference implies already: CDK writes both, and CloudFormation does not mind',
  },
  {
    rule: 'W3691',
    where: /^Resources\/DatabaseInstance\w+\/Properties/,
    reason: 'the major version alone is none of cfn-lint\'s list of versions; RDS takes it and starts with its default minor one',
  },
];
