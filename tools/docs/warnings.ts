import { markdownTable } from './markdown';
import { KNOWN_VULNERABILITIES } from '../../src/version/known-vulnerabilities';
import { WARNINGS } from '../../src/warnings';

/** `docs/warnings.md`: every warning with its id. */
export function warnings(): string {
  const inputs = Object.entries(WARNINGS).map(([id, { when, instead }]) => [`\`serverless-airflow:${id}\``, when, instead]);
  const vulnerabilities = KNOWN_VULNERABILITIES.map(({ cve, what, since, fixedIn, protection }) => [
    `\`serverless-airflow:${cve}\``, `Airflow ${since} or newer, before ${fixedIn}: ${what}`, `take ${fixedIn} or newer${protection ? `; until then, ${protection}` : ''}`,
  ]);
  return `# Warnings

What \`cdk synth\` warns of. A warning that you know of is silenced by its id, for one construct and all that is in it:

\`\`\`ts
Annotations.of(airflow).acknowledgeWarning('serverless-airflow:destroyable', 'a copy of it is in the warehouse');
\`\`\`

${markdownTable(['id', 'when', 'what to do'], [...inputs, ...vulnerabilities])}

What is known at deployment only (an imported security group or database, a token) is not warned of. Public subnets are no warning, but an error. The reasons for what is a warning:
[decisions/0008-warnings.md](decisions/0008-warnings.md).
`;
}
