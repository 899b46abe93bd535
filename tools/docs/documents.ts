import { permissions } from './permissions';
import { presets } from './presets';
import { warnings } from './warnings';

/** The documents that are written by `npm run docs`, by their path. */
export const DOCUMENTS: Record<string, () => string> = {
  'docs/permissions.md': permissions,
  'docs/presets.md': presets,
  'docs/warnings.md': warnings,
};
