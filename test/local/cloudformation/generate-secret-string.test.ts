import { generateSecretString } from '../../../local/cloudformation/resources/generate-secret-string';

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Every character of many passwords, so that each allowed one appears: 95 characters in 200 000 draws. */
function alphabet(options: Record<string, unknown>): string {
  const all = Array.from({ length: 50 }, () => generateSecretString({ PasswordLength: 4000, ...options })).join('');
  return [...new Set(all)].sort().join('');
}

const sorted = (characters: string) => [...characters].sort().join('');
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';

describe('GenerateSecretString', () => {
  test.each<[Record<string, unknown>, string]>([
    [{}, LOWER + UPPER + DIGITS + PUNCTUATION],
    [{ ExcludePunctuation: true }, LOWER + UPPER + DIGITS],
    [{ ExcludePunctuation: 'true', ExcludeUppercase: 'false' }, LOWER + UPPER + DIGITS],
    [{ ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true }, DIGITS],
    [{ ExcludeNumbers: true, ExcludePunctuation: true, IncludeSpace: true }, LOWER + UPPER + ' '],
    [{ ExcludePunctuation: true, ExcludeCharacters: 'lIO0' }, (LOWER + UPPER + DIGITS).replace(/[lIO0]/g, '')],
  ])('%j draws from exactly the allowed characters', (options, expected) => {
    expect(alphabet(options)).toBe(sorted(expected));
  });

  test('is 32 characters long by default', () => {
    expect(generateSecretString({})).toHaveLength(32);
  });

  test('has each included type, unless that is not required', () => {
    const passwords = (options: object) => Array.from({ length: 300 }, () => generateSecretString({ PasswordLength: 4, ...options }));
    const complete = (password: string) => [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].every(type => type.test(password));

    expect(passwords({}).every(complete)).toBe(true);
    expect(passwords({ RequireEachIncludedType: false }).every(complete)).toBe(false);
  });

  test('is a member of the template', () => {
    const value = JSON.parse(generateSecretString({ SecretStringTemplate: '{"username":"admin"}', GenerateStringKey: 'password' })) as Record<string, string>;

    expect(Object.keys(value)).toEqual(['username', 'password']);
    expect(value.username).toBe('admin');
    expect(value.password).toHaveLength(32);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ SecretStringTemplate: '{}' }, 'GenerateSecretString needs SecretStringTemplate and GenerateStringKey together'],
    [{ SecretStringTemplate: 'x', GenerateStringKey: 'p' }, 'SecretStringTemplate of GenerateSecretString is not JSON'],
    [{ PasswordLength: 3 }, 'GenerateSecretString leaves 94 characters for a password of 3; allow more characters or a longer password'],
    [{ Colour: 'red' }, 'GenerateSecretString has the property "Colour", which the local runner does not know'],
  ])('fails for %j', (options, message) => {
    expect(() => generateSecretString(options)).toThrow(message);
  });
});
