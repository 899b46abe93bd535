import { parsePolicy } from '../../../local/iam/policy';

const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

test('one value stands for a list of one', () => {
  expect(parsePolicy('name', { Version: '2012-10-17', Statement: { ...statement, Condition: { Bool: { 'aws:SecureTransport': true } } } })).toEqual({
    name: 'name',
    statements: [{
      effect: 'Allow',
      principal: undefined,
      action: { patterns: ['s3:GetObject'], inverted: false },
      resource: { patterns: ['*'], inverted: false },
      conditions: [{ operator: 'Bool', key: 'aws:SecureTransport', values: ['true'] }],
    }],
  });
});

test('variables are plain text in policies of the old version', () => {
  const { statements } = parsePolicy('old', { Statement: [{ ...statement, Resource: 'arn:${aws:userid}' }] });

  expect(statements[0].resource.patterns).toEqual(['arn:${$}{aws:userid}']);
});

test.each<[string, unknown, string]>([
  ['without statements', {}, 'policy "p" has no Statement'],
  ['without an effect', { Statement: [{ Action: '*', Resource: '*' }] }, 'statement 1 of policy "p" has the Effect undefined; allowed are Allow and Deny'],
  ['without an action', { Statement: [statement, { Effect: 'Deny', Resource: '*' }] }, 'statement 2 of policy "p" has neither Action nor NotAction'],
  ['without a resource', { Statement: [{ Effect: 'Deny', Action: '*' }] }, 'statement 1 of policy "p" has neither Resource nor NotResource'],
  ['with a misspelt element', { Statement: [{ ...statement, Conditions: {} }] }, 'statement 1 of policy "p" has the element "Conditions"; allowed are Sid'],
])('refuses a document %s', (_, document, message) => {
  expect(() => parsePolicy('p', document)).toThrow(message);
});
