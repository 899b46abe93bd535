import type { Deployment } from '../cloudformation';

type NotRealised = Deployment['notRealised'][number];

/** One or two lines about what the stack has and the run has not. */
export function summary({ realised, notRealised }: Deployment): string[] {
  const matters = notRealised.filter(resource => resource.matters);
  const lines = [`${realised.length} resources are realised, ${notRealised.length} are not (status --resources lists them)`];
  if (matters.length > 0) {
    lines.push(`different from AWS: ${[...new Set(matters.map(({ type, meaning }) => `${type} (${meaning})`))].join('; ')}`);
  }
  return lines;
}

/** Every resource by logical id. */
export function resourceLines({ realised, notRealised }: Deployment): string[] {
  const line = ({ logicalId, type, meaning }: Pick<NotRealised, 'logicalId' | 'type'> & { meaning?: string }) => `  ${logicalId} (${type})${meaning === undefined ? '' : `: ${meaning}`}`;
  return ['realised:', ...realised.map(line), 'not realised:', ...notRealised.map(line)];
}
