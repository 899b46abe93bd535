import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LANES, type Lane } from './lanes';
import type { LocalAirflow } from '../../tools/local-airflow';

const PROGRAM = readFileSync(join(__dirname, 'watch.py'), 'utf-8');

/** Messages of a queue. */
export interface Messages {
  readonly waiting: number;
  /** Taken by a worker, and not acknowledged. */
  readonly taken: number;
}

/** What is in Redis now, by a program that runs beside the scheduler. */
export class RedisWatch {
  private seen?: Record<string, [number, number]>;
  private child?: ChildProcess;
  private closed = false;

  constructor(private readonly airflow: LocalAirflow) {
    this.start();
  }

  /** Undefined while nobody knows. */
  messages({ queue }: Lane): Messages | undefined {
    return this.seen && { waiting: this.seen[queue][0], taken: this.seen[queue][1] };
  }

  close(): void {
    this.closed = true;
    this.child?.kill();
  }

  /** Again when its scheduler gives way to another one. */
  private start(): void {
    this.child = this.airflow.spawn('scheduler', 'python', '-u', '-c', PROGRAM, ...LANES.map(({ queue }) => queue));
    createInterface({ input: this.child.stdout! }).on('line', line => {
      if (/^(\{|null$)/.test(line)) this.seen = JSON.parse(line) ?? undefined; // libraries print, too
    });
    this.child.once('exit', () => {
      this.seen = undefined;
      if (!this.closed) setTimeout(() => this.closed || this.start(), 1000);
    });
  }
}
