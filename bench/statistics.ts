/** The value that the given share of all values does not exceed (nearest rank). */
export function percentile(values: number[], share: number): number {
  if (values.length === 0) {
    throw new Error('a percentile needs at least one value');
  }
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values: number[]): number {
  return percentile(values, 0.5);
}
