import { presets } from './presets';

/** The documents that are written by `npm run docs`, by their path. */
export const DOCUMENTS: Record<string, () => string> = {
  'docs/presets.md': presets,
};
