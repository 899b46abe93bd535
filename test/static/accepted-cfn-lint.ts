import { Accepted } from './accepted';

export const ACCEPTED_CFN_LINT: Accepted[] = [
  {
    rule: 'W3005',
    where: /^Resources\/\w+\/DependsOn\/\d+$/,
    reason: 'a dependency that a reference implies already: CDK writes both, and CloudFormation does not mind',
  },
];
