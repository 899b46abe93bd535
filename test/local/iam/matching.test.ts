import { all, any, matchesPattern, matchesWildcards, not, Unknown } from '../../../local/iam/matching';

const unknown = new Unknown('why');

test.each<[string, string, boolean]>([
  ['s3:Get*', 's3:GetObject', true],
  ['s3:Get*', 's3:PutObject', false],
  ['arn:aws:s3:::logs/*', 'arn:aws:s3:::logs/a/b\nc', true],
  ['arn:aws:s3:::logs/*', 'arn:aws:s3:::logs', false],
  ['secret:name-??????', 'secret:name-abc123', true],
  ['secret:name-??????', 'secret:name-abc1234', false],
  ['a.c', 'abc', false],
  ['a(b|c)', 'a(b|c)', true],
])('%j matches %j: %s', (pattern, text, expected) => {
  expect(matchesWildcards(pattern, text)).toBe(expected);
});

test.each<[string, string, unknown]>([
  ['home/${aws:userid}/*', 'home/AROA:x/file', true],
  ['home/${AWS:UserId}/*', 'home/AROA:y/file', false],
  ['home/${aws:username}/*', 'home//file', false], // the request has no such value
  ["home/${aws:username, 'nobody'}/*", 'home/nobody/file', true],
  ['${odd}', '*', true],
  ['${odd}', 'anything', false], // a wildcard in a value is a character
  ['a${*}b', 'a*b', true],
  ['a${*}b', 'axxb', false],
  ['a${$}{x}', 'a${x}', true],
  ['home/${aws:PrincipalTag/team}', 'home/x', new Unknown('the policy variable ${aws:PrincipalTag/team} has no value locally')],
])('with variables %j matches %j: %j', (pattern, text, expected) => {
  const context = new Map([['aws:userid', 'AROA:x'], ['odd', '*'], ['aws:username', undefined]]);

  expect(matchesPattern(pattern, text, context)).toEqual(expected);
});

test('what does not match decides before what is unknown', () => {
  expect([all([unknown, false]), all([true, unknown]), any([unknown, true]), any([false, unknown]), not(unknown), not(true)])
    .toEqual([false, unknown, true, unknown, unknown, false]);
});
