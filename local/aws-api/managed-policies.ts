import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy, type Policy } from '../iam/policy';

interface Described {
  readonly Document: unknown;
  readonly Path: string;
}

/** Policies that AWS manages, by ARN, in the words that moto brings; read when a role is judged that has one. */
export class ManagedPolicies {
  private all?: Record<string, Described>;
  private readonly parsed = new Map<string, Policy | undefined>();

  /** @param venv virtual environment that has moto */
  constructor(private readonly venv: string) {}

  find(arn: string): Policy | undefined {
    if (!this.parsed.has(arn)) this.parsed.set(arn, this.read(arn));
    return this.parsed.get(arn);
  }

  private read(arn: string): Policy | undefined {
    const [, path, name] = /^arn:[^:]+:iam::aws:policy(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? [];
    if (name === undefined) return undefined;
    this.all ??= load(this.venv);
    const found = Object.hasOwn(this.all, name) && this.all[name].Path === path ? this.all[name] : undefined;
    return found && parsePolicy(name, found.Document);
  }
}

/** They stand in moto as JSON in a Python string. */
function load(venv: string): Record<string, Described> {
  const lib = join(venv, 'lib');
  const [python] = readdirSync(lib).filter(name => name.startsWith('python'));
  const [, json] = readFileSync(join(lib, python, 'site-packages/moto/iam/aws_managed_policies.py'), 'utf-8').split('"""');
  return JSON.parse(json) as Record<string, Described>;
}
