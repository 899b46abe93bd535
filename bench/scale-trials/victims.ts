import { readFileSync } from 'node:fs';
import { processes, processTree, type Process } from '../../tools/processes';

/** The scaler's process, of the run whose scaler asks this address. */
export function scalerProcess(endpoint: string): Process | undefined {
  const all = processes().filter(({ command }) => /python\S* -c import collections, ipaddress/.test(command) && !command.includes('supervisor.py'));
  return all.find(process => variableOf(process, 'AWS_ENDPOINT_URL_ECS') === endpoint);
}

/** What a process has in its environment. */
export function variableOf({ pid }: Process, name: string): string | undefined {
  return environmentOf(pid).find(variable => variable.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Everything in a task, as when its machine is lost. */
export function killTask(address: string): number {
  const supervisors = processes().filter(({ command, pid }) => command.includes('supervisor.py') && environmentOf(pid).includes(`LOOPBACK_ADDRESS=${address}`));
  const victims = supervisors.flatMap(({ pid }) => processTree(pid).slice(1));
  for (const { pid } of victims) kill(pid);
  return victims.length;
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf-8').split('\0');
  } catch {
    return [];
  }
}
