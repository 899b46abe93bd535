/**
 * What a request brings along, by condition key in lower case. A key with the value `undefined` is known to be absent from the request;
 * one that is not in it at all is unknown here: AWS might have a value for it.
 */
export type RequestContext = ReadonlyMap<string, string | readonly string[] | undefined>;

/** Whether something matches, or why that cannot be said here. */
export type Match = boolean | Unknown;

export class Unknown {
  constructor(readonly reason: string) {}
}

/** Every one has to match: one that does not decides, whatever is unknown. */
export function all(matches: Iterable<Match>): Match {
  let result: Match = true;
  for (const match of matches) {
    if (match === false) return false;
    if (match instanceof Unknown) result = match;
  }
  return result;
}

/** One has to match. */
export function any(matches: Iterable<Match>): Match {
  let result: Match = false;
  for (const match of matches) {
    if (match === true) return true;
    if (match instanceof Unknown) result = match;
  }
  return result;
}

export function not(match: Match): Match {
  return match instanceof Unknown ? match : !match;
}

const compiled = new Map<string, RegExp>();

/** `*` stands for any text, `?` for one character; nothing else is special. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    expression = new RegExp(`^${pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, character => ({ '*': '.*', '?': '.' })[character] ?? `\\${character}`)}$`, 's');
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** A pattern of a policy, in which `${key}` stands for a value of the request and `${*}`, `${?}`, `${$}` for the characters themselves. */
export function matchesPattern(pattern: string, text: string, context: RequestContext, matches = matchesWildcards): Match {
  if (!pattern.includes('${')) {
    return matches(pattern, text);
  }
  let absent: Match | undefined;
  // private characters stand for literal `*` and `?`, on both sides
  const protect = (value: string) => value.replaceAll('*', '\uE000').replaceAll('?', '\uE001');
  const replaced = pattern.replaceAll(/\$\{([^}]*)\}/g, (_, variable: string) => {
    if (['*', '?', '$'].includes(variable)) return protect(variable);
    const [, key, preset] = /^\s*([^,]+?)\s*(?:,\s*'(.*)')?$/.exec(variable)!;
    if (!context.has(key.toLowerCase())) {
      absent = new Unknown(`the policy variable \${${key}} has no value locally`);
      return '';
    }
    const value = context.get(key.toLowerCase()) ?? preset;
    // without a value, or with several, nothing matches
    if (typeof value !== 'string') absent ??= false;
    return typeof value === 'string' ? protect(value) : '';
  });
  return absent ?? matches(replaced, protect(text));
}
