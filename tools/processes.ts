import { execFileSync } from 'node:child_process';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

export function processes(): Process[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf-8', maxBuffer: 64 * 1024 * 1024 })
    .split('\n')
    .map(line => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter(match => match !== null)
    .map(([, pid, parent, command]) => ({ pid: Number(pid), parent: Number(parent), command }));
}

/** A process and everything below it. */
export function processTree(root: number, all = processes()): Process[] {
  const children = all.filter(({ parent }) => parent === root).flatMap(({ pid }) => processTree(pid, all));
  return [...all.filter(({ pid }) => pid === root), ...children];
}
