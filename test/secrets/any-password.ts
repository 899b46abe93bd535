import * as fc from 'fast-check';

/** What existing secrets may be: anything that an environment variable can hold. */
const ANY = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter(text => !text.includes('\0'));

/** Passwords that break a URL, a shell, a list, a quoted string or a file, and others that nobody has thought of. */
export function anyPasswords(number: number): string[] {
  return [
    'fl:ow,er', 'line break\n', 'carriage return\r\n', '\n', ' leading and trailing ', '$HOME ${HOME} $(id) `id`', '~',
    '%41%', '\'"\\', '\\n\\x41', 'a@b:c/d?e#f&g=h+i', 'EOF\nEOF',
    'pässwörd', '密码 🔑', 'ﬁ ½ \u00ad\u00a0', // SASLprep makes other letters of these
    ...fc.sample(ANY, number),
  ];
}

/** What is like a password and must not let in. */
export function almost(password: string): string[] {
  const others = ['', ...password.split(','), password.trim(), [...password].slice(0, -1).join(''), `${password}\n`, `${password},`];
  return [...new Set(others)].filter(text => text !== password);
}
