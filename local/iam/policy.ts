import { UserError } from '../errors';

/** A policy document, read once. */
export interface Policy {
  readonly name: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** Of policies that are attached to a resource; absent in those of roles. */
  readonly principal?: Principal;
  readonly action: Selection;
  readonly resource: Selection;
  /** All of them have to hold. */
  readonly conditions: readonly Condition[];
}

/** `Action` and `Resource`, or what they are not (`NotAction`, `NotResource`). */
export interface Selection {
  readonly patterns: readonly string[];
  readonly inverted: boolean;
}

/** `*` stands for everybody; else ARNs, account ids and names of services by their kind (`AWS`, `Service`). */
export interface Principal {
  readonly everybody: boolean;
  readonly byKind: Readonly<Record<string, readonly string[]>>;
  /** `NotPrincipal`, which is not evaluated. */
  readonly inverted: boolean;
}

/** One key below one operator: `"StringLike": { "s3:prefix": ["logs/*"] }` */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

type Json = Record<string, unknown>;

const ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** Policy variables (`${aws:userid}`) have a meaning in this version only. */
const VERSION_WITH_VARIABLES = '2012-10-17';

/** Refuses what IAM calls a malformed policy document. `own` is what a trust policy is attached to: it names no resource. */
export function parsePolicy(name: string, document: unknown, own?: string): Policy {
  const { Statement, Version } = (document ?? {}) as Json;
  if (Statement === undefined) {
    throw new UserError(`policy "${name}" has no Statement`);
  }
  return { name, statements: list(Statement).map((statement, index) => parseStatement(statement as Json, `statement ${index + 1} of policy "${name}"`, Version, own)) };
}

function parseStatement(statement: Json, where: string, version: unknown, own?: string): Statement {
  const unknown = Object.keys(statement).find(element => !ELEMENTS.includes(element));
  if (unknown !== undefined) {
    throw new UserError(`${where} has the element "${unknown}"; allowed are ${ELEMENTS.join(', ')}`);
  }
  const { Effect } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    throw new UserError(`${where} has the Effect ${JSON.stringify(Effect)}; allowed are Allow and Deny`);
  }
  const literal = version === VERSION_WITH_VARIABLES ? (pattern: string) => pattern : (pattern: string) => pattern.replaceAll('${', '${$}{');
  const selection = (element: string, preset?: string): Selection => {
    const inverted = statement[`Not${element}`] !== undefined;
    const value = statement[inverted ? `Not${element}` : element] ?? preset;
    if (value === undefined) {
      throw new UserError(`${where} has neither ${element} nor Not${element}`);
    }
    return { patterns: list(value).map(pattern => literal(String(pattern))), inverted };
  };
  return {
    effect: Effect,
    principal: parsePrincipal(statement),
    action: selection('Action'),
    resource: selection('Resource', own),
    conditions: Object.entries((statement.Condition ?? {}) as Json).flatMap(([operator, keys]) =>
      Object.entries(keys as Json).map(([key, values]) => ({ operator, key, values: list(values).map(value => literal(String(value))) }))),
  };
}

function parsePrincipal({ Principal, NotPrincipal }: Json): Principal | undefined {
  const value = NotPrincipal ?? Principal;
  if (value === undefined) {
    return undefined;
  }
  const byKind = value === '*' ? {} : Object.fromEntries(Object.entries(value as Json).map(([kind, names]) => [kind, list(names).map(String)]));
  return { everybody: value === '*' || byKind.AWS?.includes('*') === true, byKind, inverted: NotPrincipal !== undefined };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
