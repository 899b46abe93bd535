import type { Sample } from './timeline';

const WIDTH = 760;
const LEFT = 48;
const RIGHT = 130;
const TOP = 44;
const PANEL = 110;
const GAP = 26;

interface Line {
  readonly name: string;
  readonly color: string;
  readonly of: (sample: Sample) => number;
}

/** One above the other, over the same time. */
const PANELS: { readonly title: string; readonly lines: Line[] }[] = [
  { title: 'tasks that wait', lines: [{ name: 'waiting', color: '#d55e00', of: ({ waiting }) => waiting }] },
  { title: 'workers', lines: [{ name: 'desired', color: '#0072b2', of: ({ desired }) => desired }, { name: 'running', color: '#56b4e9', of: ({ workers }) => workers }] },
  { title: 'tasks', lines: [{ name: 'running', color: '#cc79a7', of: ({ running }) => running }, { name: 'succeeded', color: '#009e73', of: ({ succeeded }) => succeeded }] },
];

/** An SVG, on paper of its own: to be read on any background. */
export function picture(title: string, samples: readonly Sample[]): string {
  const [first, last] = [samples[0].seconds, samples.at(-1)!.seconds];
  const x = (seconds: number) => LEFT + (WIDTH - LEFT - RIGHT) * (seconds - first) / Math.max(1, last - first);
  const height = TOP + PANELS.length * (PANEL + GAP) + 14;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" fill="#24292f">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="6" fill="#ffffff" stroke="#d0d7de"/>`,
    text(LEFT, 24, title, 'font-size="14" font-weight="bold"'),
    ...PANELS.flatMap(({ title: name, lines }, index) => panel(name, lines, samples, TOP + index * (PANEL + GAP), x)),
    ...ticks(first, last).map(seconds => text(x(seconds), height - 10, `${seconds} s`, 'text-anchor="middle"')),
    '</svg>',
    '',
  ].join('\n');
}

function panel(title: string, lines: Line[], samples: readonly Sample[], top: number, x: (seconds: number) => number): string[] {
  const most = Math.max(1, ...lines.flatMap(({ of }) => samples.map(of)));
  const y = (value: number) => round(top + PANEL - (PANEL - 18) * value / most);
  const labels = apart(lines.map(({ of }) => y(of(samples.at(-1)!)) + 4));
  return [
    `<path d="M${LEFT} ${top + 18}V${top + PANEL}H${WIDTH - RIGHT}" fill="none" stroke="#8c959f"/>`,
    text(LEFT + 8, top + 12, title, 'fill="#57606a"'),
    text(LEFT - 8, y(most) + 4, String(most), 'text-anchor="end"'),
    text(LEFT - 8, y(0) + 4, '0', 'text-anchor="end"'),
    ...lines.flatMap(({ name, color, of }, index) => [
      `<path d="${steps(samples.map(sample => [round(x(sample.seconds)), y(of(sample))]))}" fill="none" stroke="${color}" stroke-width="2"/>`,
      text(WIDTH - RIGHT + 10, labels[index], name, `fill="${color}" font-weight="bold"`),
    ]),
  ];
}

/** From each point straight on, until the next one is known. */
function steps(points: [number, number][]): string {
  const [[x, y], ...others] = points;
  return `M${x} ${y}${others.map(([nextX, nextY]) => `H${nextX}V${nextY}`).join('')}`;
}

/** Lines of text that would cover each other, one above the other. */
function apart(heights: number[]): number[] {
  return heights.map((height, index) => height - 16 * heights.slice(index + 1).filter(other => Math.abs(other - height) < 16).length);
}

function ticks(first: number, last: number): number[] {
  const every = [10, 20, 30, 60, 120, 300].find(seconds => (last - first) / seconds <= 10) ?? 600;
  const from = Math.ceil(first / every);
  return Array.from({ length: Math.floor(last / every) - from + 1 }, (_, index) => (from + index) * every);
}

function text(x: number, y: number, value: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${value}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
