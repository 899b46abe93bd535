import { stripVTControlCharacters } from 'node:util';
import logUpdate from 'log-update';
import pc from 'picocolors';
import { serviceLines } from './service-lines';
import type { ResourceEvent } from '../cloudformation';
import type { ServiceStatus } from '../ecs/cluster';

/** Resources that took less are made in passing: nobody wants a line for each of a hundred. */
const NOTABLE_SECONDS = 2;

/** What `up` prints: on a terminal one status line per service that changes in place, below lines that stay; else lines only. */
export class Display {
  private services: readonly ServiceStatus[] = [];
  private readonly inProgress = new Map<string, ResourceEvent>();
  private done = 0;
  private printed = new Map<string, string>();

  constructor(private readonly terminal = process.stdout.isTTY) {}

  line(text: string): void {
    if (this.terminal) {
      logUpdate.clear();
    }
    console.log(text);
    this.redraw();
  }

  resource(event: ResourceEvent): void {
    const { logicalId, type, status, seconds = 0, reason } = event;
    const name = `${type} ${event.path ?? logicalId}`;
    if (status.endsWith('_IN_PROGRESS')) {
      this.inProgress.set(logicalId, event);
    } else {
      this.inProgress.delete(logicalId);
    }
    if (status.endsWith('_FAILED')) {
      this.line(pc.red(`${status} ${name}: ${reason}`));
    } else if (status.endsWith('_COMPLETE')) {
      this.done += 1;
      if (seconds >= NOTABLE_SECONDS) {
        this.line(`${pc.dim(`${seconds.toFixed(1).padStart(5)} s`)}  ${name}`);
      }
    }
    this.redraw();
  }

  update(services: readonly ServiceStatus[]): void {
    this.services = services;
    if (this.terminal) {
      this.redraw();
      return;
    }
    serviceLines(services).forEach((line, index) => {
      const { name } = services[index];
      if (this.printed.get(name) !== line) {
        this.printed.set(name, line);
        console.log(line);
      }
    });
  }

  /** The last state of the services stays on the screen. */
  end(): void {
    if (this.terminal) {
      logUpdate.done();
    }
  }

  private redraw(): void {
    if (!this.terminal) {
      return;
    }
    const lines = serviceLines(this.services);
    if (this.inProgress.size > 0) {
      const waiting = [...this.inProgress.values()].map(({ type }) => type.split('::').slice(1).join(' '));
      lines.unshift(pc.dim(`  ${this.done} resources done, in progress: ${[...new Set(waiting)].join(', ')}`));
    }
    // a line that the terminal would break upsets the counting of lines
    logUpdate(lines.map(line => cut(line, process.stdout.columns)).join('\n'));
  }
}

/** Colour codes do not count; a line that has to be cut loses them. */
function cut(line: string, columns = 80): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < columns ? line : `${plain.slice(0, columns - 2)}…`;
}
