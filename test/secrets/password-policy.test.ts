import { Lazy, Token } from 'aws-cdk-lib';
import { PasswordPolicy } from '../../src/secrets/password-policy';

test('the default is 32 letters and digits', () => {
  expect(new PasswordPolicy()._render()).toEqual({ passwordLength: 32, excludePunctuation: true, includeSpace: false });
});

test('every criterion is rendered', () => {
  const policy = new PasswordPolicy({ length: 40, excludeCharacters: '0O1lI', excludeUppercase: true, excludeLowercase: false, excludeNumbers: false });

  expect(policy._render()).toEqual({
    passwordLength: 40,
    excludePunctuation: true,
    includeSpace: false,
    excludeUppercase: true,
    excludeCharacters: '0O1lI',
  });
});

test('characters that exclude a whole group exclude the group: one of each included group is required', () => {
  expect(new PasswordPolicy({ excludeCharacters: '0123456789' })._render()).toMatchObject({ excludeNumbers: true });
});

test.each([[32, 64], [64, 64], [80, 80]])('a signing key under a policy of %d characters has %d', (length, expected) => {
  expect(new PasswordPolicy({ length })._render(64).passwordLength).toBe(expected);
});

test.each([16, 128])('%d characters are allowed', length => {
  expect(new PasswordPolicy({ length })._render().passwordLength).toBe(length);
});

test.each([15, 129, 0, -32, 20.5])('fails with %d characters', length => {
  expect(() => new PasswordPolicy({ length })).toThrow(`property length must be a whole number from 16 to 128, got ${length}`);
});

test('fails if no character is left', () => {
  expect(() => new PasswordPolicy({ excludeUppercase: true, excludeLowercase: true, excludeNumbers: true })).toThrow(
    'the password policy leaves 0 different characters (""), at least 10 are needed: exclude fewer');
});

test('fails if too few characters are left', () => {
  expect(() => new PasswordPolicy({ excludeUppercase: true, excludeLowercase: true, excludeCharacters: '0' })).toThrow(
    'the password policy leaves 9 different characters ("123456789"), at least 10 are needed: exclude fewer');
});

test('tokens pass', () => {
  const length = Token.asNumber({ Ref: 'Length' });
  const excludeCharacters = Lazy.string({ produce: () => 'x' });

  const policy = new PasswordPolicy({ length, excludeCharacters });

  expect(policy._render(64)).toMatchObject({ passwordLength: length, excludeCharacters });
});

describe('id suffix', () => {
  test.each([
    ['the default', {}],
    ['the default, spelled out', { length: 32, excludePunctuation: true, excludeUppercase: false }],
    ['tokens, whose value is not known', { length: Token.asNumber({ Ref: 'Length' }) }],
  ])('is the same for %s', (_description, props) => {
    expect(new PasswordPolicy(props)._idSuffix).toBe(new PasswordPolicy(props)._idSuffix);
  });

  test('is empty for the default policy', () => {
    expect(new PasswordPolicy({ length: 32, excludeUppercase: false })._idSuffix).toBe('');
  });

  test('differs from policy to policy', () => {
    const suffixes = [{}, { length: 33 }, { length: 34 }, { excludeNumbers: true }].map(props => new PasswordPolicy(props)._idSuffix);

    expect(new Set(suffixes).size).toBe(4);
  });
});
