import { Template } from 'aws-cdk-lib/assertions';
import { MUTATIONS } from './index';
import { brokenRules, failedChecks, mutate } from './layers';
import { defaultStack } from '../default-template/stack';

const template = Template.fromStack(defaultStack()).toJSON();

test('the template without a mistake passes', () => {
  expect([...failedChecks(template), ...brokenRules(template)]).toEqual([]);
});

test.each(MUTATIONS)('a unit test or a static rule catches: $name', mutation => {
  const mutant = mutate(template, mutation);

  expect(failedChecks(mutant).next().value ?? brokenRules(mutant)[0]).toBeDefined();
});

test('no two mistakes have the same name', () => {
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});
