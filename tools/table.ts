/** Aligned columns; the ones named in `right` (figures) are aligned to the right. */
export function table(headings: string[], rows: string[][], right: string[] = []): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map(row => row[column].length)));
  const line = (cells: string[]) => cells
    .map((cell, column) => right.includes(headings[column]) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))
    .join('  ')
    .trimEnd();
  return [headings, widths.map(width => '─'.repeat(width)), ...rows].map(line).join('\n');
}
