import pc from 'picocolors';
import { openApp, type GlobalOptions } from './app';
import { readEvents, type StackEvent } from '../cloudformation';

export interface EventsOptions extends GlobalOptions {
  readonly json?: boolean;
}

const STATUS_WIDTH = 'UPDATE_ROLLBACK_COMPLETE'.length;

/** Prints the stack's events, running or not. */
export async function events(options: EventsOptions): Promise<number> {
  const all = readEvents(openApp(options).folders.state);
  if (options.json) {
    console.log(JSON.stringify(all, undefined, 2));
  } else {
    all.forEach(event => console.log(`${event.time.slice(0, 19)}Z  ${eventLine(event)}`));
  }
  return 0;
}

export function eventLine({ status, type, path, logicalId, seconds, reason }: Omit<StackEvent, 'time'>): string {
  const paint = status.endsWith('_FAILED') || status.includes('ROLLBACK') ? pc.red : status.endsWith('_COMPLETE') ? pc.green : pc.dim;
  const time = seconds === undefined ? '' : pc.dim(`  ${seconds.toFixed(1)} s`);
  return `${paint(status.padEnd(STATUS_WIDTH))}  ${type}  ${path ?? logicalId}${time}${reason === undefined ? '' : `  ${reason}`}`;
}
