import { openApp, type GlobalOptions } from './app';
import { ControlClient } from '../engine/control-client';
import { UserError } from '../errors';

/** `worker=3`: changes how many tasks a service has, until the next `up`. */
export async function scale(target: string, options: GlobalOptions): Promise<number> {
  const [, service, count] = /^(.+)=(\d+)$/.exec(target) ?? [];
  if (service === undefined) {
    throw new UserError(`scale ${target}: give <service>=<number of tasks>, for example worker=3`);
  }
  await new ControlClient(openApp(options).folders.run).scale(service, Number(count));
  return 0;
}
