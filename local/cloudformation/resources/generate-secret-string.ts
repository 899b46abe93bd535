import { randomInt } from 'node:crypto';
import { UserError } from '../../errors';
import type { Properties } from '../template';
import { checkProperties, type PropertyTable } from './property-table';

export const GENERATE_SECRET_STRING_PROPERTIES = {
  ExcludeCharacters: 'supported',
  ExcludeLowercase: 'supported',
  ExcludeNumbers: 'supported',
  ExcludePunctuation: 'supported',
  ExcludeUppercase: 'supported',
  GenerateStringKey: 'supported',
  IncludeSpace: 'supported',
  PasswordLength: 'supported',
  RequireEachIncludedType: 'supported',
  SecretStringTemplate: 'supported',
} satisfies PropertyTable;

/** Characters by type, and the property that leaves the type out. */
const TYPES = [
  ['abcdefghijklmnopqrstuvwxyz', 'ExcludeLowercase'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'ExcludeUppercase'],
  ['0123456789', 'ExcludeNumbers'],
  ['!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'ExcludePunctuation'],
] as const;

/** A random password as Secrets Manager makes it, alone or as a member of the template's JSON object. */
export function generateSecretString(options: Properties): string {
  checkProperties(options, GENERATE_SECRET_STRING_PROPERTIES, 'GenerateSecretString');
  const { SecretStringTemplate: template, GenerateStringKey: key } = options;
  if ((template === undefined) !== (key === undefined)) {
    throw new UserError('GenerateSecretString needs SecretStringTemplate and GenerateStringKey together');
  }
  const password = generatePassword(options);
  if (template === undefined) {
    return password;
  }
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(String(template)) as typeof members;
  } catch {
    throw new UserError('SecretStringTemplate of GenerateSecretString is not JSON');
  }
  return JSON.stringify({ ...members, [String(key)]: password });
}

function generatePassword(options: Properties): string {
  const excluded = String(options.ExcludeCharacters ?? '');
  const types = TYPES
    .filter(([, property]) => !isTrue(options[property]))
    .map(([characters]) => [...characters].filter(character => !excluded.includes(character)))
    .filter(characters => characters.length > 0);
  if (isTrue(options.IncludeSpace) && !excluded.includes(' ')) {
    types.push([' ']);
  }
  const alphabet = types.flat();
  const length = Number(options.PasswordLength ?? 32);
  const required = isTrue(options.RequireEachIncludedType ?? true) ? types : [];
  if (alphabet.length === 0 || length < Math.max(1, required.length)) {
    throw new UserError(`GenerateSecretString leaves ${alphabet.length} characters for a password of ${length}; allow more characters or a longer password`);
  }
  // drawing again, instead of planting one character of each type, keeps every allowed password equally likely
  for (;;) {
    const password = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]);
    if (required.every(characters => password.some(character => characters.includes(character)))) {
      return password.join('');
    }
  }
}

function isTrue(value: unknown): boolean {
  return String(value) === 'true';
}
