import { holds } from './conditions';
import { all, any, matchesPattern, matchesWildcards, not, Unknown, type Match, type RequestContext } from './matching';
import type { Policy, Principal, Selection, Statement } from './policy';

/** What somebody wants to do. */
export interface Access {
  /** `s3:GetObject` */
  readonly action: string;
  /** ARN */
  readonly resource: string;
  readonly context: RequestContext;
}

/** Names that a resource's policy can call the caller. */
export interface Caller {
  /** `AWS` for roles, `Service` for services of AWS. */
  readonly kind: 'AWS' | 'Service';
  /** Of the caller itself: ARNs of role and session, or the service's name. */
  readonly names: readonly string[];
  /** Of its account: a statement that names it leaves the decision to the policies of the account's roles. */
  readonly account: readonly string[];
}

/** How a set of policies answers. A deny counts before every allow. */
export interface Answer {
  readonly effect: 'allow' | 'deny' | 'none';
  /** Why a statement could not be judged: such an Allow does not count, such a Deny does. */
  readonly unknown?: string;
}

/** What a role's own policies say. */
export function askIdentityPolicies(policies: Iterable<Policy>, access: Access): Answer {
  return ask(policies, access, () => true);
}

/** What the policy of a resource says to the caller itself (`direct`), and to its account. */
export function askResourcePolicy(policy: Policy, caller: Caller, access: Access): { direct: Answer; account: Answer } {
  return {
    direct: ask([policy], access, ({ principal }) => isNamed(principal, caller, caller.names)),
    account: ask([policy], access, ({ principal }) => isNamed(principal, caller, caller.account)),
  };
}

function ask(policies: Iterable<Policy>, access: Access, concerns: (statement: Statement) => Match): Answer {
  let effect: Answer['effect'] = 'none';
  let unknown: string | undefined;
  for (const { name, statements } of policies) {
    for (const statement of statements) {
      const match = applies(statement, access, concerns);
      if (match instanceof Unknown) {
        unknown = `${match.reason} (policy "${name}")`;
        if (statement.effect === 'Deny') return { effect: 'deny', unknown };
      } else if (match) {
        if (statement.effect === 'Deny') return { effect: 'deny' };
        effect = 'allow';
      }
    }
  }
  return { effect, unknown };
}

function applies(statement: Statement, access: Access, concerns: (statement: Statement) => Match): Match {
  const { action, resource, context } = access;
  return all([
    select(statement.action, pattern => matchesWildcards(pattern.toLowerCase(), action.toLowerCase())),
    select(statement.resource, pattern => matchesPattern(pattern, resource, context)),
    concerns(statement),
    ...statement.conditions.map(condition => holds(condition, context)),
  ]);
}

function select({ patterns, inverted }: Selection, matches: (pattern: string) => Match): Match {
  const match = any(patterns.map(matches));
  return inverted ? not(match) : match;
}

function isNamed(principal: Principal | undefined, { kind }: Caller, names: readonly string[]): Match {
  if (principal?.inverted) return new Unknown('NotPrincipal is not evaluated locally');
  if (!principal) return false;
  return principal.everybody || principal.byKind[kind]?.some(name => names.includes(name)) === true;
}
