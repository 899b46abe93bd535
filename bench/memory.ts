import { readFileSync } from 'node:fs';
import { Standalone } from './standalone';
import { LocalAirflow } from '../tools/local-airflow';
import { processTree } from '../tools/processes';

/** MiB. Pages that several processes share (a worker's slots are forks) count once: proportional set size. */
export type Memory = Record<string, number>;

export const COMPONENTS = ['web-server', 'scheduler', 'dag-processor', 'triggerer', 'worker', 'flower', 'redis'];

/** Each container sees its own processes only. */
const SUM_OF_CONTAINER = 'cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk \'/^Pss:/ { sum += $2 } END { print sum }\'';

/** Of `airflow standalone`, by its process's arguments: it has no worker, its scheduler's children run the tasks. */
const STANDALONE = {
  'web-server': /api[-_]server/,
  'scheduler': /airflow scheduler/,
  'dag-processor': /airflow dag-processor/,
  'triggerer': /airflow triggerer/,
};

export async function measureMemory(airflow: LocalAirflow): Promise<Memory> {
  const memory: Memory = {};
  for (const component of COMPONENTS) {
    memory[component] = Number(await airflow.exec(component, 'sh', '-c', SUM_OF_CONTAINER)) / 1024;
  }
  return memory;
}

export function measureStandaloneMemory(standalone: Standalone): Memory {
  const [root, ...others] = standalone.processes();
  const children = others.filter(({ parent }) => parent === root.pid);
  return Object.fromEntries(Object.entries(STANDALONE).map(([component, pattern]) => {
    const child = children.find(({ command }) => pattern.test(command));
    const tree = child ? processTree(child.pid) : [];
    return [component, tree.reduce((sum, { pid }) => sum + proportionalSetSize(pid), 0)];
  }));
}

function proportionalSetSize(pid: number): number {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf-8')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0; // ended since the list was made
  }
}
