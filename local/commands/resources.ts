import type { Deployment } from '../cloudformation';

type NotRealised = Deployment['notRealised'][number];

/** What the stack has and the run has not: one line, and one for each difference that somebody could notice. `more` says where all of it is. */
export function summary({ realised, notRealised }: Deployment, more = ' (npx serverless-airflow local status --resources lists them)'): string[] {
  const differences = new Map<string, Set<string>>();
  for (const { type, meaning, matters } of notRealised) {
    if (matters) {
      differences.set(meaning, (differences.get(meaning) ?? new Set()).add(type));
    }
  }
  return [
    `${realised.length} resources are realised, ${notRealised.length} are not${more}${differences.size === 0 ? '' : '; different from AWS:'}`,
    ...[...differences].map(([meaning, types]) => `  ${[...types].join(', ')}: ${meaning}`),
  ];
}

/** Every resource by logical id. */
export function resourceLines({ realised, notRealised }: Deployment): string[] {
  const line = ({ logicalId, type, meaning }: Pick<NotRealised, 'logicalId' | 'type'> & { meaning?: string }) => `  ${logicalId} (${type})${meaning === undefined ? '' : `: ${meaning}`}`;
  return ['realised:', ...realised.map(line), 'not realised:', ...notRealised.map(line)];
}
