import { openApp, type GlobalOptions } from './app';
import { ControlClient } from '../engine/control-client';

/** Runs a command in a service's container, as ECS Exec does; its exit code is the command's. */
export async function exec(service: string, argv: string[], options: GlobalOptions): Promise<number> {
  const client = new ControlClient(openApp(options).folders.run);
  return client.exec(service, argv, process);
}
