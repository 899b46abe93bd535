import { Mutation } from './mutation';
import { DEFAULT_TEMPLATE } from '../default-template';
import { SynthesizedStack } from '../private/template';
import { TEMPLATE_RULES } from '../static/template-rules';

/** A copy of the template with the mistake in it. */
export function mutate(template: object, mutation: Mutation): object {
  const mutant = structuredClone(template);
  mutation.apply(new SynthesizedStack(mutant));
  return mutant;
}

/** The unit tests of the default template that fail, one after the other. */
export function* failedChecks(template: object): Generator<string> {
  const synthesized = new SynthesizedStack(template);
  for (const [topic, checks] of Object.entries(DEFAULT_TEMPLATE)) {
    for (const { name, check } of checks) {
      try {
        check(synthesized);
      } catch {
        yield `${topic}: ${name}`;
      }
    }
  }
}

/** The static rules that are broken. */
export function brokenRules(template: object): string[] {
  return Object.keys(TEMPLATE_RULES).filter(rule => TEMPLATE_RULES[rule](template).length > 0);
}
