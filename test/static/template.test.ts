import { Template } from 'aws-cdk-lib/assertions';
import { STACKS } from './stacks';
import { TEMPLATE_RULES } from './template-rules';

describe.each(Object.keys(STACKS))('the template %s', name => {
  const stack = STACKS[name]();
  const template = Template.fromStack(stack).toJSON();

  test.each(Object.keys(TEMPLATE_RULES))('%s', rule => {
    expect(TEMPLATE_RULES[rule](template)).toEqual([]);
  });

  // CloudFormation takes 1 MB: the rest is the user's
  test('is 250 KB at most', () => {
    expect(JSON.stringify(template, undefined, 1).length).toBeLessThanOrEqual(250 * 1024);
  });
});
