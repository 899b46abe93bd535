import { all, any, matchesPattern, matchesWildcards, not, Unknown, type Match, type RequestContext } from './matching';
import type { Condition } from './policy';

type Compare = (pattern: string, value: string) => boolean;

const numbers = (compare: (pattern: number, value: number) => boolean): Compare => (pattern, value) => compare(Number(pattern), Number(value));
const dates = (compare: (pattern: number, value: number) => boolean): Compare => (pattern, value) => compare(time(pattern), time(value));

const ORDER: Record<string, (pattern: number, value: number) => boolean> = {
  Equals: (pattern, value) => value === pattern,
  LessThan: (pattern, value) => value < pattern,
  LessThanEquals: (pattern, value) => value <= pattern,
  GreaterThan: (pattern, value) => value > pattern,
  GreaterThanEquals: (pattern, value) => value >= pattern,
};

const OPERATORS: Record<string, Compare> = {
  StringEquals: (pattern, value) => pattern === value,
  StringEqualsIgnoreCase: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
  StringLike: matchesWildcards,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
  ...Object.fromEntries(Object.entries(ORDER).map(([name, compare]) => [`Numeric${name}`, numbers(compare)])),
  ...Object.fromEntries(Object.entries(ORDER).map(([name, compare]) => [`Date${name}`, dates(compare)])),
};

/** `StringNotLike` is true exactly where `StringLike` is not. */
const NEGATED: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
};

/** Whether a condition holds for a request. */
export function holds({ operator, key, values }: Condition, context: RequestContext): Match {
  const [, quantifier, name, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator)!;
  const lowerCase = key.toLowerCase();
  if (!context.has(lowerCase)) {
    return new Unknown(`the condition key ${key} has no value locally`);
  }
  const value = context.get(lowerCase);
  if (name === 'Null') {
    return any(values.map(expected => (value === undefined) === (expected.toLowerCase() === 'true')));
  }
  const negated = Object.hasOwn(NEGATED, name);
  const compare = OPERATORS[NEGATED[name] ?? name] as Compare | undefined;
  if (!compare) {
    return new Unknown(`the condition operator ${operator} is not evaluated locally`);
  }
  if (value === undefined) {
    return quantifier === 'ForAllValues' || (quantifier === undefined && (negated || ifExists !== undefined));
  }
  const one = (text: string) => {
    const match = any(values.map(pattern => matchesPattern(pattern, text, context, compare)));
    return negated ? not(match) : match;
  };
  const given = typeof value === 'string' ? [value] : value;
  return quantifier === 'ForAllValues' ? all(given.map(one)) : any(given.map(one));
}

/** Wildcards stay within one of the six parts of an ARN. */
function matchesArn(pattern: string, value: string): boolean {
  const parts = (arn: string) => {
    const split = arn.split(':');
    return [...split.slice(0, 5), split.slice(5).join(':')];
  };
  const texts = parts(value);
  return parts(pattern).every((part, index) => matchesWildcards(part, texts[index]));
}

/** ISO 8601, or seconds since 1970. */
function time(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
