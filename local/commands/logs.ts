import { closeSync, existsSync, openSync, readdirSync, readSync, statSync, watch } from 'node:fs';
import { join, relative } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { openApp, type GlobalOptions } from './app';
import { UserError } from '../errors';

export interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean;
}

/** Changes that the system does not announce (a new folder's first file) are found after this time. */
const POLL_MILLISECONDS = 500;

/** Prints log files from the oldest to the newest, running or not; follows them until Ctrl-C. */
export async function logs(service: string | undefined, options: LogsOptions): Promise<number> {
  const folder = openApp(options).folders.logs;
  if (!existsSync(folder)) {
    throw new UserError('there are no logs, nothing has been started yet: `npx serverless-airflow local up` does');
  }
  const available = readdirSync(folder).sort();
  if (service !== undefined && !available.includes(service)) {
    throw new UserError(`no logs of ${service}: there are ${available.join(', ')}`);
  }
  const root = service === undefined ? folder : join(folder, service);
  const follower = new Follower(folder);
  follower.print(root);
  if (options.follow) {
    let changed = () => {};
    const watcher = watch(root, { recursive: true }, () => changed()).on('error', () => {}); // it is looked for below
    process.once('SIGINT', () => {
      watcher.close();
      process.exit(130);
    });
    for (;;) {
      await Promise.race([new Promise<void>(resolve => changed = resolve), sleep(POLL_MILLISECONDS)]);
      if (!existsSync(root)) {
        throw new UserError('the logs have been deleted');
      }
      follower.print(root);
    }
  }
  return 0;
}

/** Remembers how far each file has been printed. */
class Follower {
  private readonly positions = new Map<string, { offset: number; decoder: StringDecoder; rest: string }>();

  constructor(private readonly base: string) {}

  print(root: string): void {
    const files = readdirSync(root, { recursive: true, encoding: 'utf-8' })
      .map(name => join(root, name))
      .filter(file => file.endsWith('.log'))
      .map(file => ({ file, modified: statSync(file).mtimeMs }))
      .sort((a, b) => a.modified - b.modified);
    for (const { file } of files) {
      this.printFile(file);
    }
  }

  /** Whole lines, each with the part of the path that says whose it is. */
  private printFile(file: string): void {
    const position = this.positions.get(file) ?? { offset: 0, decoder: new StringDecoder('utf-8'), rest: '' };
    this.positions.set(file, position);
    const label = relative(this.base, file).replace(/\.log$/, '');
    const descriptor = openSync(file, 'r');
    const buffer = Buffer.alloc(65536);
    const read = () => readSync(descriptor, buffer, 0, buffer.length, position.offset);
    for (let count = read(); count > 0; count = read()) {
      position.offset += count;
      const lines = (position.rest + position.decoder.write(buffer.subarray(0, count))).split('\n');
      position.rest = lines.pop()!;
      lines.forEach(line => console.log(`${label} | ${line}`));
    }
    closeSync(descriptor);
  }
}
