import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';

const REACHED = '+';
const REFUSED = '·';
const DIFFERENT = '!';
const ITSELF = ' ';

export interface Connection {
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly expected: boolean;
  readonly reached: boolean;
}

/** Name of a destination that is no port of a task. */
export const INTERNET = 'the Internet';

/** One line for each of the `listening` ports, one column for each task that connects; what nothing listens on in one line. */
export function matrix(
  sources: readonly string[], listening: readonly string[], connections: readonly Connection[], resolved: readonly { source: string }[],
): string[] {
  const row = (name: string, matches: (connection: Connection) => boolean) => ({
    name, cells: sources.map(source => cell(connections.filter(connection => connection.source === source && matches(connection)))),
  });
  const rows = [
    ...listening.map(name => row(name, connection => endpointName(connection) === name)),
    row('other ports', connection => connection.destination !== INTERNET && !listening.includes(endpointName(connection))),
    row(INTERNET, ({ destination }) => destination === INTERNET),
    { name: 'unknown names', cells: sources.map(source => resolved.some(name => name.source === source) ? pc.red(DIFFERENT) : REFUSED) },
  ];
  const width = Math.max(...rows.map(({ name }) => name.length));
  const total = `${connections.length} connections tried`;
  return [
    ['to \\ from'.padEnd(width), ...sources].join('  '),
    ...rows.map(({ name, cells }) => [name.padEnd(width), ...cells.map((text, index) => centred(text, sources[index].length))].join('  ').trimEnd()),
    pc.dim(`${REACHED} reached and allowed, ${REFUSED} refused and not allowed, ${DIFFERENT} not as the security groups say; ${total}`),
  ];
}

export function endpointName({ destination, port }: Pick<Connection, 'destination' | 'port'>): string {
  return `${destination}:${port}`;
}

function cell(connections: readonly Connection[]): string {
  if (connections.some(({ expected, reached }) => expected !== reached)) return pc.red(DIFFERENT);
  if (connections.length === 0) return ITSELF;
  return connections.every(({ reached }) => reached) ? pc.green(REACHED) : connections.some(({ reached }) => reached) ? pc.green('+/·') : REFUSED;
}

/** Colour codes do not count. */
function centred(text: string, width: number): string {
  const length = stripVTControlCharacters(text).length;
  const left = Math.floor((width - length) / 2);
  return ' '.repeat(left) + text + ' '.repeat(width - length - left);
}
