import { presets } from './presets';
import { warnings } from './warnings';

/** The documents that are written by `npm run docs`, by their path. */
export const DOCUMENTS: Record<string, () => string> = {
  'docs/presets.md': presets,
  'docs/warnings.md': warnings,
};
