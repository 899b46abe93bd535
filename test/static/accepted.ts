/** A finding that stays, and why. */
export interface Accepted {
  readonly rule: string;
  /** Where it is accepted. */
  readonly where: RegExp;
  readonly reason: string;
}

/** A finding of any tool: `rule` at `where`. */
export interface Finding {
  readonly rule: string;
  readonly where: string;
}

/** What nobody has accepted. */
export function unaccepted(findings: Finding[], accepted: Accepted[]): string[] {
  return findings.filter(finding => !accepted.some(entry => matches(entry, finding))).map(({ rule, where }) => `${rule} at ${where}`);
}

/** What was accepted and is not found any more: the entry has to go, or it would hide the next one. */
export function unused(findings: Finding[], accepted: Accepted[]): string[] {
  return accepted.filter(entry => !findings.some(finding => matches(entry, finding))).map(({ rule, where }) => `${rule} at ${where}`);
}

function matches({ rule, where }: Accepted, finding: Finding): boolean {
  return rule === finding.rule && where.test(finding.where);
}
