import { architecture } from './architecture';
import { cost } from './cost';
import { markdownTable } from './markdown';
import { permissions } from './permissions';
import { presets } from './presets';
import { warnings } from './warnings';
import { missingModules } from '../../local/install/official-image';
import { NAG_HEADINGS, nagFigures } from '../nag-figures';

/** The documents that `npm run docs` writes, by their path; of the README it is one table. */
export const DOCUMENTS: Record<string, (current: string) => string> = {
  'docs/cost.md': cost,
  'docs/images/architecture.svg': architecture,
  'docs/permissions.md': permissions,
  'docs/presets.md': presets,
  'docs/warnings.md': warnings,
  'docs/local.md': current => section(current, 'missing', missingModules().map(module => `\`${module}\``).join(', ')),
  'README.md': readme => section(readme, 'nag', markdownTable(NAG_HEADINGS, nagFigures())),
};

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
export function section(document: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`there is no section ${name}`);
  }
  return document.slice(0, from) + start + content + document.slice(to);
}
