import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../errors';
import { makeUserFolder } from '../user-folder';

/** Where one app's run keeps what survives it (state) and what does not (run: sockets). */
export interface StateFolders {
  readonly state: string;
  readonly logs: string;
  readonly run: string;
}

/** A Unix socket's path is limited to this many bytes (macOS has the shorter limit). */
const SOCKET_PATH_LIMIT = process.platform === 'darwin' ? 103 : 107;
/** The longest path below the run folder: `database-0123ab/.s.PGSQL.65535` */
const LONGEST_SOCKET = 30;

/** One folder per app and stack: two clones do not share it, and the next `up` of the same one finds it again. */
export function stateFolders(assembly: string, stackName: string, chosen?: string): StateFolders {
  const hash = createHash('sha256').update(resolve(assembly)).digest('hex').slice(0, 8);
  return namedStateFolders(`${stackName}-${hash}`, chosen);
}

/** Of a run that belongs to no app. */
export function namedStateFolders(name: string, chosen?: string): StateFolders {
  return foldersOf(chosen === undefined ? join(stateHome(), 'serverless-airflow', name) : resolve(chosen));
}

function stateHome(): string {
  return process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
}

function foldersOf(state: string): StateFolders {
  return { state, logs: join(state, 'logs'), run: runFolder(state) };
}

/** Tells a state folder from any other: `down --delete` removes nothing that this program has not made. */
const MARKER = 'serverless-airflow-state';

export function createFolders({ state, logs, run }: StateFolders): void {
  makeUserFolder(state);
  if (readdirSync(state).length > 0 && !isStateFolder(state)) {
    throw new UserError(`${state} has other files: give --state an empty or a new folder`);
  }
  [logs, run].forEach(makeUserFolder);
  writeFileSync(join(state, MARKER), '');
  const { uid, mode } = lstatSync(run);
  if (uid !== process.getuid!() || mode % 0o100 !== 0) {
    throw new UserError(`${run} belongs to somebody else or is open to others: remove it, or set TMPDIR to a folder of your own`);
  }
}

export function isStateFolder(state: string): boolean {
  return existsSync(join(state, MARKER));
}

/** Path of the control server's socket; only the user can reach it, the folder is his own. */
export function controlSocket(run: string): string {
  return join(run, 'control.sock');
}

/** In the state folder unless its path is too long for sockets. */
function runFolder(state: string): string {
  const folder = join(state, 'run');
  if (Buffer.byteLength(folder) + 1 + LONGEST_SOCKET <= SOCKET_PATH_LIMIT) {
    return folder;
  }
  const hash = createHash('sha256').update(state).digest('hex').slice(0, 8);
  return join(tmpdir(), `serverless-airflow-${process.getuid!()}-${hash}`);
}
